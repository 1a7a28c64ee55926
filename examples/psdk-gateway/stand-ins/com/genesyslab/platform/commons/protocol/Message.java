package com.genesyslab.platform.commons.protocol;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public interface Message {}
