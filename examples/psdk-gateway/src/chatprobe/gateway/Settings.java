package chatprobe.gateway;

import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * The configuration, checked.
 *
 * @param token what callers must show, null to let everybody in.
 * @param tls null to speak plain HTTP.
 * @param maxConcurrent messages on their way at a time.
 */
record Settings(
    String listenHost,
    int listenPort,
    Map<String, ChatServerAddress> chatServers,
    String token,
    TlsKeys tls,
    int maxConcurrent,
    int requestTimeoutMs,
    int connectTimeoutMs,
    ChatConnection chatConnection
) {
    /** @param keystoreFile PKCS #12. */
    record TlsKeys(String keystoreFile, String password) {
        @Override
        public String toString() {
            return "TlsKeys";
        }
    }

    /** How TLS towards a Chat Server begins. */
    enum ChatTls {
        OFF,
        /** With the first byte. */
        SECURE,
        /** In plain text, until the server asks for TLS. */
        UPGRADE
    }

    /**
     * What all connections to Chat Servers have in common.
     *
     * @param charset of all strings: without one the PSDK may go by the locale of the process.
     * @param addp null to do without.
     * @param trust whom to believe that it is a Chat Server, null where TLS is off.
     */
    record ChatConnection(String charset, Addp addp, ChatTls tls, SSLContext trust) {}

    /** Genesys' own keep-alive: how long either side waits for a sign of the other. */
    record Addp(int clientTimeoutS, int serverTimeoutS) {
        @Override
        public String toString() {
            return clientTimeoutS + " s/" + serverTimeoutS + " s";
        }
    }

    /** Secrets never get into a line by accident. */
    @Override
    public String toString() {
        return "listen " + listenHost + ":" + listenPort
            + ", Chat Servers " + chatServers.values().stream().map(each -> each.name() + "=" + each.host() + ":" + each.port()).toList()
            + ", token " + (token == null ? "none" : "set")
            + ", TLS " + (tls == null ? "off" : "on")
            + ", at most " + maxConcurrent + " messages at a time, " + requestTimeoutMs + " ms each, " + connectTimeoutMs + " ms to connect"
            + "; to Chat Servers: strings in " + chatConnection.charset()
            + ", ADDP " + (chatConnection.addp() == null ? "off" : chatConnection.addp())
            + ", TLS " + chatConnection.tls().name().toLowerCase(Locale.ROOT);
    }
}
