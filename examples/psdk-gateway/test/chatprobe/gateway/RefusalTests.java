package chatprobe.gateway;

import static chatprobe.gateway.Tests.same;

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

    private RefusalTests() {}

    static void addTo(Tests tests) {
        tests.test("refusal: the system's word for it is one, however deep it is wrapped", () -> {
            ConnectException refused = new ConnectException("Connection refused: connect");
            same(true, Refusal.isBehind(new ConnectException("Connection refused"), NOBODY, TIMEOUT_MS));
            same(true, Refusal.isBehind(new Exception(new IllegalStateException(refused)), NOBODY, TIMEOUT_MS));
            same(true, Refusal.isBehind(new IOException("cannot open", refused), NOBODY, TIMEOUT_MS));
        });
        tests.test("refusal: the deepest exception of the network counts, not what is wrapped around it", () -> {
            Exception timedOut = new SocketTimeoutException();
            same(false, Refusal.isBehind(new ConnectException("Connection refused").initCause(timedOut), NOBODY, TIMEOUT_MS));
        });
        for (Exception other : List.of(new ConnectException("Connection timed out"), new ConnectException(), new NoRouteToHostException("refused"),
            new UnknownHostException("refused"), new SocketTimeoutException(), new IOException("refused"), new UnresolvedAddressException()))
            tests.test("refusal: " + other + " is none", () -> {
                // It refuses: were it asked, the answer would be true.
                try (Socket refusing = refusing()) {
                    same(false, Refusal.isBehind(new Exception(other), address(refusing.getLocalPort()), TIMEOUT_MS));
                }
            });
        tests.test("refusal: where the exception does not say, a connection of our own does", () -> {
            try (Socket refusing = refusing(); ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                same(true, Refusal.isBehind(new IllegalStateException("could not open"), address(refusing.getLocalPort()), TIMEOUT_MS));
                same(false, Refusal.isBehind(new IllegalStateException("Connection refused"), address(listening.getLocalPort()), TIMEOUT_MS));
            }
        });
        tests.test("refusal: of a name with several addresses all must refuse", () -> {
            try (Socket refusing = refusing(); Socket alsoRefusing = refusing(); ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                InetSocketAddress one = (InetSocketAddress) refusing.getLocalSocketAddress();
                InetSocketAddress other = (InetSocketAddress) alsoRefusing.getLocalSocketAddress();
                InetSocketAddress up = (InetSocketAddress) listening.getLocalSocketAddress();
                same(true, Refusal.isRefused(List.of(one, other), TIMEOUT_MS));
                same(false, Refusal.isRefused(List.of(one, up), TIMEOUT_MS));
                same(false, Refusal.isRefused(List.of(up, one), TIMEOUT_MS));
            }
        });
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
