package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;


import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;

final class RefusalTests {
    private static final int TIMEOUT_MS = 60_000;
    /** Need not be asked. */
    private static final ChatServerAddress NOBODY = new ChatServerAddress("A", "nobody.invalid", 1);

    @Test
    void the_system_s_word_for_it_is_one_however_deep_it_is_wrapped() throws Exception {
        ConnectException refused = new ConnectException("Connection refused: connect");
        assertTrue(Refusal.isBehind(new ConnectException("Connection refused"), NOBODY, TIMEOUT_MS));
        assertTrue(Refusal.isBehind(new Exception(new IllegalStateException(refused)), NOBODY, TIMEOUT_MS));
        assertTrue(Refusal.isBehind(new IOException("cannot open", refused), NOBODY, TIMEOUT_MS));
    }

    @Test
    void the_deepest_exception_of_the_network_counts_not_what_is_wrapped_around_it() throws Exception {
        Exception timedOut = new SocketTimeoutException();
        assertFalse(Refusal.isBehind(new ConnectException("Connection refused").initCause(timedOut), NOBODY, TIMEOUT_MS));
    }

    @ParameterizedTest
    @MethodSource("otherFailures")
    void any_other_failure_is_none(Exception other) throws Exception {
        // It refuses: were it asked, the answer would be true.
        try (Socket refusing = refusing()) {
            assertFalse(Refusal.isBehind(new Exception(other), address(refusing.getLocalPort()), TIMEOUT_MS));
        }
    }

    static List<Exception> otherFailures() {
        return List.of(new ConnectException("Connection timed out"), new ConnectException(), new NoRouteToHostException("refused"),
            new UnknownHostException("refused"), new SocketTimeoutException(), new IOException("refused"), new UnresolvedAddressException());
    }

    @Test
    void where_the_exception_does_not_say_a_connection_of_our_own_does() throws Exception {
        try (Socket refusing = refusing(); ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertTrue(Refusal.isBehind(new IllegalStateException("could not open"), address(refusing.getLocalPort()), TIMEOUT_MS));
            assertFalse(Refusal.isBehind(new IllegalStateException("Connection refused"), address(listening.getLocalPort()), TIMEOUT_MS));
        }
    }

    @Test
    void of_a_name_with_several_addresses_all_must_refuse() throws Exception {
        try (Socket refusing = refusing(); Socket alsoRefusing = refusing(); ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress one = (InetSocketAddress) refusing.getLocalSocketAddress();
            InetSocketAddress other = (InetSocketAddress) alsoRefusing.getLocalSocketAddress();
            InetSocketAddress up = (InetSocketAddress) listening.getLocalSocketAddress();
            assertTrue(Refusal.isRefused(List.of(one, other), TIMEOUT_MS));
            assertFalse(Refusal.isRefused(List.of(one, up), TIMEOUT_MS));
            assertFalse(Refusal.isRefused(List.of(up, one), TIMEOUT_MS));
        }
    }

    private static ChatServerAddress address(int port) {
        return new ChatServerAddress("A", "127.0.0.1", port);
    }

    /** A port that nobody listens at, nor can while it is taken: connections are refused as long as it is open. */
    private static Socket refusing() throws IOException {
        Socket bound = new Socket();
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return bound;
    }
}
