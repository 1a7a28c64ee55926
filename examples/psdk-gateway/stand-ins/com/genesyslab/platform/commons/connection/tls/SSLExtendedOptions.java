package com.genesyslab.platform.commons.connection.tls;

/** Stand-in, written by hand: the name only, none of the Platform SDK. */
public final class SSLExtendedOptions {
    private SSLExtendedOptions() {}
}
