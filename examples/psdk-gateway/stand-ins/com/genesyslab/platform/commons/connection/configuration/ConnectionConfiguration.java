package com.genesyslab.platform.commons.connection.configuration;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public interface ConnectionConfiguration {
    /** Null if it was never set. */
    String getOption(String key);
}
