package com.genesyslab.platform.commons.protocol;

import com.genesyslab.platform.commons.connection.configuration.ConnectionConfiguration;
import com.genesyslab.platform.commons.connection.tls.SSLExtendedOptions;
import javax.net.ssl.SSLContext;

/** Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. */
public final class Endpoint {
    private final String host;
    private final ConnectionConfiguration configuration;
    private final boolean tlsEnabled;
    private final SSLContext sslContext;

    public Endpoint(String name, String host, int port, ConnectionConfiguration configuration, boolean tlsEnabled, SSLContext sslContext, SSLExtendedOptions options) {
        this.host = host;
        this.configuration = configuration;
        this.tlsEnabled = tlsEnabled;
        this.sslContext = sslContext;
    }

    public String getHost() {
        return host;
    }

    public ConnectionConfiguration getConfiguration() {
        return configuration;
    }

    public boolean isTLSEnabled() {
        return tlsEnabled;
    }

    public SSLContext getSSLContext() {
        return sslContext;
    }
}
