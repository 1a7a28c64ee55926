package com.genesyslab.platform.commons.protocol;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
