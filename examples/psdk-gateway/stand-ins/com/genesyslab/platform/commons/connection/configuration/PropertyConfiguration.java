package com.genesyslab.platform.commons.connection.configuration;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. All of it is options by name. */
public final class PropertyConfiguration implements ConnectionConfiguration {
    private final Map<String, String> options = new ConcurrentHashMap<>();

    public void setOption(String key, String value) {
        options.put(key, value);
    }

    @Override
    public String getOption(String key) {
        return options.get(key);
    }

    public void setStringsEncoding(String charset) {
        setOption("stand-in.encoding", charset);
    }

    public void setUseAddp(boolean use) {
        setOption("stand-in.addp", String.valueOf(use));
    }

    /** Seconds. */
    public void setAddpClientTimeout(int timeout) {
        setOption("stand-in.addp.client", String.valueOf(timeout));
    }

    /** Seconds. */
    public void setAddpServerTimeout(int timeout) {
        setOption("stand-in.addp.server", String.valueOf(timeout));
    }
}
