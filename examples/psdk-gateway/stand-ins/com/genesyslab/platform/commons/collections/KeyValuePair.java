package com.genesyslab.platform.commons.collections;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class KeyValuePair {
    private final String key;
    private final Object value;

    KeyValuePair(String key, Object value) {
        this.key = key;
        this.value = value;
    }

    public String getStringKey() {
        return key;
    }

    public Object getValue() {
        return value;
    }
}
