package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;


import org.junit.jupiter.api.Test;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Many connections at a time. */
final class LoadTests {
    private static final byte[] REQUEST = "GET /x HTTP/1.1\r\nHost: gateway\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** More than the JDK's server keeps unless told otherwise. */
    private static final int MANY = 230;

    @Test
    void requests_that_never_come_whole_hold_up_the_others_for_some_seconds_at_most() throws Exception {
        List<Socket> halves = new ArrayList<>();
        try (Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 2, Client.PSDK, System::nanoTime)) {
            // More than there are threads, which is 2 and 16.
            for (int i = 0; i < 24; i++) {
                Socket half = new Socket("127.0.0.1", client.port());
                halves.add(half);
                half.getOutputStream().write("POST /esp HTTP/1.1\r\nHost: gate".getBytes(StandardCharsets.US_ASCII));
            }
            long startNanos = System.nanoTime();
            assertEquals(401, client.send(client.to("/health")).status());
            long tookMs = (System.nanoTime() - startNanos) / 1_000_000;
            assertTrue(tookMs < 18_000, "it took " + tookMs + " ms");
        } finally {
            for (Socket half : halves) half.close();
        }
    }

    @Test
    void a_connection_that_was_kept_is_still_there_when_its_caller_comes_again_however_many_are() throws Exception {
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
    }

    private static void ask(Socket socket) throws Exception {
        socket.getOutputStream().write(REQUEST);
        String answer = RawHttp.answer(socket.getInputStream());
        assertTrue(answer.startsWith("HTTP/1.1 404"), "answered: " + answer);
    }
}
