package com.genesyslab.platform.openmedia.protocol.externalservice.event;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.protocol.Message;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class Event3rdServerFault implements Message {
    private final KeyValueCollection request;
    private int referenceId;

    private Event3rdServerFault(KeyValueCollection request) {
        this.request = request;
    }

    public static Event3rdServerFault create(KeyValueCollection request) {
        return new Event3rdServerFault(request);
    }

    public KeyValueCollection getRequest() {
        return request;
    }

    public int getReferenceId() {
        return referenceId;
    }

    public void setReferenceId(int referenceId) {
        this.referenceId = referenceId;
    }
}
