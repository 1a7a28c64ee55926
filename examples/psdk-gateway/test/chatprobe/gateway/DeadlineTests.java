package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;


import com.fasterxml.jackson.databind.node.IntNode;
import org.junit.jupiter.api.Test;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

final class DeadlineTests {
    @Test
    void with_no_time_left_nothing_is_sent_504() throws Exception {
        FarEnd farEnd = FarEnds.put("late.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=late.test:1")) {
            assertEquals(504, client.post(Json.write(Fixtures.request(1, "A", Fixtures.LIVE)), "x-deadline-ms", "0").status());
            assertEquals(504, client.post(Json.write(Fixtures.request(1, null, Fixtures.LIVE)), "x-deadline-ms", "0").status());
        }
        assertEquals(0, farEnd.received().size());
    }

    @Test
    void time_that_the_body_takes_counts() throws Exception {
        FarEnd farEnd = FarEnds.put("drip.test", FarEnd.chatServer(Answers.session()));
        AtomicLong nowNanos = new AtomicLong();
        CountDownLatch arrived = new CountDownLatch(1);
        try (Client client = Client.of("A=drip.test:1", null, 8, Client.PSDK, () -> {
            long now = nowNanos.get();
            arrived.countDown(); // after the reading: what counts it down moves the clock
            return now;
        }); Socket socket = new Socket("127.0.0.1", client.port())) {
            byte[] body = Json.write(Fixtures.request(1, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(RawHttp.head(body.length, "X-Deadline-Ms: 100\r\n"));
            arrived.await();
            nowNanos.set(100_000_000L);
            socket.getOutputStream().write(body);
            String answer = RawHttp.answer(socket.getInputStream());
            assertTrue(answer.startsWith("HTTP/1.1 504"), answer);
        }
        assertEquals(0, farEnd.received().size());
    }

    @Test
    void the_PSDK_gets_the_smaller_of_deadline_and_own_time_out_less_what_has_passed() throws Exception {
        List<Long> timeouts = new CopyOnWriteArrayList<>();
        EspConnection.Maker maker = address -> new ScriptedConnection() {
            @Override
            public EspReply request(EspRequest request, long timeoutMs) {
                timeouts.add(timeoutMs);
                return RESPONSE;
            }
        };
        String message = Json.write(Fixtures.request(1, "A", Fixtures.LIVE));
        try (Client client = Client.of("A=a.test:1", null, 8, 60_000, maker, () -> 5L)) {
            assertEquals(200, client.post(message).status());
            assertEquals(200, client.post(message, "x-deadline-ms", "1500").status());
            assertEquals(200, client.post(message, "x-deadline-ms", "999999999").status());
        }
        assertEquals(List.of(60_000L, 1_500L, 60_000L), timeouts);
        AtomicLong nowMs = new AtomicLong();
        try (Client client = Client.of("A=a.test:1", null, 8, 60_000, maker, () -> nowMs.getAndAdd(100) * 1_000_000)) {
            assertEquals(200, client.post(message).status()); // opens the connection, which takes time of the real clock
            assertEquals(200, client.post(message, "x-deadline-ms", "1000").status());
        }
        assertTrue(timeouts.get(4) < 1_000, "no time has passed: " + timeouts);
    }

    @Test
    void what_has_not_come_by_then_is_504_and_a_late_reply_goes_to_nobody() throws Exception {
        FarEnd farEnd = FarEnds.put("slow.test", FarEnd.chatServer(Answers.session()));
        farEnd.hold();
        try (Client client = Client.of("A=slow.test:1")) {
            String message = Json.write(Fixtures.request(1, "A", Fixtures.LIVE));
            // On a busy machine the time may be over before the message is sent; another is, then.
            while (farEnd.received().isEmpty()) assertEquals(504, client.post(message, "x-deadline-ms", "100").status());
            farEnd.release();
            Client.Answer next = client.ask(2, "A", Fixtures.DEAD);
            assertEquals(Fixtures.with(Fixtures.message("sessionNotFound"), "referenceId", IntNode.valueOf(2)), next.json());
        }
        assertEquals(2, farEnd.received().size());
    }

    @Test
    void is_rounded_down_and_never_negative() throws Exception {
        AtomicLong nowNanos = new AtomicLong();
        Deadline deadline = Deadline.of(0, 2, nowNanos::get);
        assertEquals(2L, deadline.leftMs());
        nowNanos.set(1);
        assertEquals(1L, deadline.leftMs());
        nowNanos.set(9_000_000);
        assertEquals(0L, deadline.leftMs());
    }
}
