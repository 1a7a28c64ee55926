package com.genesyslab.platform.commons.collections;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class KeyValueCollection implements Iterable<Object> {
    private final List<Object> pairs = new ArrayList<>();

    public void addString(String key, String value) {
        pairs.add(new KeyValuePair(key, value));
    }

    public void addInt(String key, int value) {
        pairs.add(new KeyValuePair(key, value));
    }

    public void addList(String key, KeyValueCollection value) {
        pairs.add(new KeyValuePair(key, value));
    }

    public void addBinary(String key, byte[] value) {
        pairs.add(new KeyValuePair(key, value));
    }

    @Override
    public Iterator<Object> iterator() {
        return pairs.iterator();
    }
}
