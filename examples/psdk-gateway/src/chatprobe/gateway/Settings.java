package chatprobe.gateway;

import java.util.Map;

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
    int connectTimeoutMs
) {
    /** @param keystoreFile PKCS #12. */
    record TlsKeys(String keystoreFile, String password) {
        @Override
        public String toString() {
            return "TlsKeys";
        }
    }

    /** Secrets never get into a line by accident. */
    @Override
    public String toString() {
        return "listen " + listenHost + ":" + listenPort
            + ", Chat Servers " + chatServers.values().stream().map(each -> each.name() + "=" + each.host() + ":" + each.port()).toList()
            + ", token " + (token == null ? "none" : "set")
            + ", TLS " + (tls == null ? "off" : "on")
            + ", at most " + maxConcurrent + " messages at a time, " + requestTimeoutMs + " ms each, " + connectTimeoutMs + " ms to connect";
    }
}
