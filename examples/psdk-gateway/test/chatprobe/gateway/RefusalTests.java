package chatprobe.gateway;

import static chatprobe.gateway.Tests.same;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;

final class RefusalTests {
    private static final int TIMEOUT_MS = 1_000;

    private RefusalTests() {}

    static void addTo(Tests tests) {
        tests.test("refusal: the system's word for it is one, however deep it is wrapped", () -> {
            same(true, Refusal.isBehind(new ConnectException("Connection refused"), address(closedPort()), TIMEOUT_MS));
            same(true, Refusal.isBehind(new Exception(new IllegalStateException(new ConnectException("Connection refused: connect"))), address(closedPort()), TIMEOUT_MS));
        });
        // The port refuses: were it asked, the answer would be true.
        for (Exception other : List.of(new ConnectException("Connection timed out"), new ConnectException(), new NoRouteToHostException("refused"),
            new UnknownHostException("refused"), new SocketTimeoutException(), new IOException("refused"), new UnresolvedAddressException()))
            tests.test("refusal: " + other + " is none", () -> same(false, Refusal.isBehind(new Exception(other), address(closedPort()), TIMEOUT_MS)));
        tests.test("refusal: where the exception does not say, a connection of our own does", () -> {
            same(true, Refusal.isBehind(new IllegalStateException("could not open"), address(closedPort()), TIMEOUT_MS));
            try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                same(false, Refusal.isBehind(new IllegalStateException("Connection refused"), address(listening.getLocalPort()), TIMEOUT_MS));
            }
        });
    }

    private static ChatServerAddress address(int port) {
        return new ChatServerAddress("A", "127.0.0.1", port);
    }

    private static int closedPort() throws IOException {
        try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return once.getLocalPort();
        }
    }
}
