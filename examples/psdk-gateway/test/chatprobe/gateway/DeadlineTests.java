package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

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
    private DeadlineTests() {}

    static void addTo(Tests tests) {
        tests.test("deadline: with no time left nothing is sent: 504", () -> {
            FarEnd farEnd = FarEnds.put("late.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=late.test:1")) {
                same(504, client.post(JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE)), "x-deadline-ms", "0").status());
                same(504, client.post(JsonWriter.write(Fixtures.request(1, null, Fixtures.LIVE)), "x-deadline-ms", "0").status());
            }
            same(0, farEnd.received().size());
        });
        tests.test("deadline: time that the body takes counts", () -> {
            FarEnd farEnd = FarEnds.put("drip.test", FarEnd.chatServer(Answers.session()));
            AtomicLong nowNanos = new AtomicLong();
            CountDownLatch arrived = new CountDownLatch(1);
            try (Client client = Client.of("A=drip.test:1", null, 8, PsdkConnection::new, () -> {
                long now = nowNanos.get();
                arrived.countDown(); // after the reading: what counts it down moves the clock
                return now;
            }); Socket socket = new Socket("127.0.0.1", client.port())) {
                byte[] body = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
                socket.setSoTimeout(60_000);
                socket.getOutputStream().write(RawHttp.head(body.length, "X-Deadline-Ms: 100\r\n"));
                arrived.await();
                nowNanos.set(100_000_000L);
                socket.getOutputStream().write(body);
                String answer = RawHttp.answer(socket.getInputStream());
                holds(answer.startsWith("HTTP/1.1 504"), answer);
            }
            same(0, farEnd.received().size());
        });
        tests.test("deadline: the PSDK gets the smaller of deadline and own time-out, less what has passed", () -> {
            List<Long> timeouts = new CopyOnWriteArrayList<>();
            EspConnection.Maker maker = address -> new ScriptedConnection() {
                @Override
                public EspReply request(EspRequest request, long timeoutMs) {
                    timeouts.add(timeoutMs);
                    return RESPONSE;
                }
            };
            String message = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE));
            try (Client client = Client.of("A=a.test:1", null, 8, 60_000, maker, () -> 5L)) {
                same(200, client.post(message).status());
                same(200, client.post(message, "x-deadline-ms", "1500").status());
                same(200, client.post(message, "x-deadline-ms", "999999999").status());
            }
            same(List.of(60_000L, 1_500L, 60_000L), timeouts);
            AtomicLong nowMs = new AtomicLong();
            try (Client client = Client.of("A=a.test:1", null, 8, 60_000, maker, () -> nowMs.getAndAdd(100) * 1_000_000)) {
                same(200, client.post(message).status()); // opens the connection, which takes time of the real clock
                same(200, client.post(message, "x-deadline-ms", "1000").status());
            }
            holds(timeouts.get(4) < 1_000, "no time has passed: " + timeouts);
        });
        tests.test("deadline: what has not come by then is 504, and a late reply goes to nobody", () -> {
            FarEnd farEnd = FarEnds.put("slow.test", FarEnd.chatServer(Answers.session()));
            farEnd.hold();
            try (Client client = Client.of("A=slow.test:1")) {
                String message = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE));
                // On a busy machine the time may be over before the message is sent; another is, then.
                while (farEnd.received().isEmpty()) same(504, client.post(message, "x-deadline-ms", "100").status());
                farEnd.release();
                Client.Answer next = client.ask(2, "A", Fixtures.DEAD);
                same(Fixtures.with(Fixtures.message("sessionNotFound"), "referenceId", Json.Num.of(2)), next.json());
            }
            same(2, farEnd.received().size());
        });
        tests.test("deadline: is rounded down, and never negative", () -> {
            AtomicLong nowNanos = new AtomicLong();
            Deadline deadline = Deadline.of(0, 2, nowNanos::get);
            same(2L, deadline.leftMs());
            nowNanos.set(1);
            same(1L, deadline.leftMs());
            nowNanos.set(9_000_000);
            same(0L, deadline.leftMs());
        });
    }
}
