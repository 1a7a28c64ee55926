package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Many connections at a time. */
final class LoadTests {
    private static final byte[] REQUEST = "GET /x HTTP/1.1\r\nHost: gateway\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** More than the JDK's server keeps unless told otherwise. */
    private static final int MANY = 230;

    private LoadTests() {}

    static void addTo(Tests tests) {
        tests.test("load: requests that never come whole hold up the others for some seconds at most", () -> {
            List<Socket> halves = new ArrayList<>();
            try (Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 2, PsdkConnection::new, System::nanoTime)) {
                // More than there are threads, which is 2 and 16.
                for (int i = 0; i < 24; i++) {
                    Socket half = new Socket("127.0.0.1", client.port());
                    halves.add(half);
                    half.getOutputStream().write("POST /esp HTTP/1.1\r\nHost: gate".getBytes(StandardCharsets.US_ASCII));
                }
                long startNanos = System.nanoTime();
                same(401, client.send(client.to("/health")).status());
                long tookMs = (System.nanoTime() - startNanos) / 1_000_000;
                holds(tookMs < 18_000, "it took " + tookMs + " ms");
            } finally {
                for (Socket half : halves) half.close();
            }
        });
        tests.test("load: a connection that was kept is still there when its caller comes again, however many are", () -> {
            List<Socket> kept = new ArrayList<>();
            try (Client client = Client.of("A=up.stand-in:1")) {
                for (int i = 0; i < MANY; i++) {
                    Socket socket = new Socket("127.0.0.1", client.port());
                    socket.setSoTimeout(60_000);
                    kept.add(socket);
                    ask(socket);
                }
                for (Socket socket : kept) ask(socket);
            } finally {
                for (Socket socket : kept) socket.close();
            }
        });
    }

    private static void ask(Socket socket) throws Exception {
        socket.getOutputStream().write(REQUEST);
        String answer = RawHttp.answer(socket.getInputStream());
        holds(answer.startsWith("HTTP/1.1 404"), "answered: " + answer);
    }
}
