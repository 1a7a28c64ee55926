package com.genesyslab.platform.commons.protocol;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public enum ChannelState {
    Opening,
    Opened,
    Closing,
    Closed
}
