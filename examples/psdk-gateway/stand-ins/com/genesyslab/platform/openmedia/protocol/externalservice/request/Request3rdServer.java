package com.genesyslab.platform.openmedia.protocol.externalservice.request;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.protocol.Message;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class Request3rdServer implements Message {
    private final KeyValueCollection request;
    private final KeyValueCollection userData;
    private int referenceId;

    private Request3rdServer(KeyValueCollection request, KeyValueCollection userData) {
        this.request = request;
        this.userData = userData;
    }

    public static Request3rdServer create(KeyValueCollection request, KeyValueCollection userData) {
        return new Request3rdServer(request, userData);
    }

    public KeyValueCollection getRequest() {
        return request;
    }

    public KeyValueCollection getUserData() {
        return userData;
    }

    public int getReferenceId() {
        return referenceId;
    }

    public void setReferenceId(int referenceId) {
        this.referenceId = referenceId;
    }
}
