package com.genesyslab.platform.commons.protocol;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class Endpoint {
    private final String name;
    private final String host;
    private final int port;

    public Endpoint(String name, String host, int port) {
        this.name = name;
        this.host = host;
        this.port = port;
    }

    public String getName() {
        return name;
    }

    public String getHost() {
        return host;
    }

    public int getPort() {
        return port;
    }
}
