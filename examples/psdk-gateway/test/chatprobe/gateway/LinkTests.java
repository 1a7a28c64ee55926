package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.io.PrintStream;
import java.net.ConnectException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

/** One kept connection for each server. */
final class LinkTests {
    private static final ChatServerAddress A = new ChatServerAddress("A", "127.0.0.1", 1);
    /** For what takes no time but that of a busy machine. */
    private static final int PATIENT_MS = 60_000;

    private LinkTests() {}

    static void addTo(Tests tests) {
        tests.test("link: many messages share one connection", () -> {
            FarEnd farEnd = FarEnds.put("kept.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=kept.test:1")) {
                for (int i = 1; i < 6; i++) same(200, client.ask(i, "A", Fixtures.LIVE).status());
                same(1, farEnd.timesOpened());
                same(1, farEnd.connectionCount());
            }
            // Stopping waits for it, but not for ever.
            Tests.comes(() -> farEnd.connectionCount() == 0);
        });
        tests.test("link: a lost connection is opened again, without a message lost", () -> {
            FarEnd farEnd = FarEnds.put("lost.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=lost.test:1")) {
                same(200, client.ask(1, "A", Fixtures.LIVE).status());
                farEnd.dropConnections();
                same(200, client.ask(2, "A", Fixtures.LIVE).status());
                same(2, farEnd.timesOpened());
                same(2, farEnd.received().size());
            }
        });
        tests.test("link: a server that dies is Not found by name, and found again when it is back", () -> {
            FarEnd farEnd = FarEnds.put("dies.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=dies.test:1")) {
                same(200, client.ask(1, "A", Fixtures.LIVE).status());
                farEnd.fail(() -> new ConnectException("Connection refused"));
                farEnd.dropConnections();
                same(new Json.Text("Not found by name"), client.ask(2, "A", Fixtures.LIVE).json().get("errorMessage"));
                farEnd.recover();
                same(new Json.Text("Event3rdServerResponse"), client.ask(3, "A", Fixtures.LIVE).json().get("messageName"));
                same(2, farEnd.received().size());
            }
        });
        tests.test("link: a message that breaks off is 504, is not sent again, and the next goes over a fresh connection", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            EspConnection.Maker maker = address -> add(made, new ScriptedConnection() {
                @Override
                public EspReply request(EspRequest request, long timeoutMs) {
                    if (made.size() == 1) throw new IllegalStateException("broken pipe");
                    return RESPONSE;
                }
            });
            try (Client client = Client.of("A=a.test:1", null, 8, maker, System::nanoTime)) {
                same(504, client.ask(1, "A", Fixtures.LIVE).status());
                same(200, client.ask(2, "A", Fixtures.LIVE).status());
                same(2, made.size());
            }
        });
        tests.test("link: a connection that stayed silent is replaced, and closed when its last message is done", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            CountDownLatch otherIsSent = new CountDownLatch(1);
            CountDownLatch otherMayEnd = new CountDownLatch(1);
            EspConnection.Maker maker = address -> add(made, new ScriptedConnection() {
                @Override
                public EspReply request(EspRequest request, long timeoutMs) throws Exception {
                    if (request.referenceId() == 1) {
                        otherIsSent.countDown();
                        otherMayEnd.await();
                    }
                    return request.referenceId() == 2 ? null : RESPONSE;
                }
            });
            ChatServerLink link = link(maker, PATIENT_MS);
            CompletableFuture<Outcome> other = CompletableFuture.supplyAsync(() -> link.send(request(1), inMs(PATIENT_MS)));
            otherIsSent.await();
            same(new Outcome.NoAnswer("silent"), link.send(request(2), inMs(ChatServerLink.SILENT_MS)));
            same(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), link.send(request(3), inMs(PATIENT_MS)));
            same(2, made.size());
            same(0, made.get(0).closed.get());
            otherMayEnd.countDown();
            same(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), other.get());
            same(1, made.get(0).closed.get());
            same(0, made.get(1).closed.get());
        });
        tests.test("link: a caller in a hurry does not cost the others their connection", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            ChatServerLink link = link(address -> add(made, new ScriptedConnection() {
                @Override
                public EspReply request(EspRequest request, long timeoutMs) {
                    return null;
                }
            }), PATIENT_MS);
            link.connect().get(); // which may take longer than the callers would wait
            for (int i = 1; i < 4; i++) same(new Outcome.NoAnswer("silent"), link.send(request(i), inMs(ChatServerLink.SILENT_MS - 1)));
            same(1, made.size());
        });
        tests.test("link: while one opening hangs no other is begun; it is given up, and closed should it come late", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            CountDownLatch opens = new CountDownLatch(1);
            ChatServerLink link = link(address -> add(made, new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    if (made.size() == 1) opens.await();
                }
            }), 300);
            same(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(10_000)));
            same(new Outcome.NoAnswer("cannot be reached"), link.send(request(2), inMs(10_000)));
            same(1, made.size());
            opens.countDown();
            Outcome last = null;
            // More often than once, should opening the other take too long, too.
            while (!(last instanceof Outcome.Replied)) last = link.send(request(3), inMs(10_000));
            Tests.comes(() -> made.get(0).closed.get() == 2); // when it was given up, and when it was open after all
        });
        tests.test("link: an opening that cannot even be closed is abandoned, but only so many", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            CountDownLatch opens = new CountDownLatch(1);
            ChatServerLink link = new ChatServerLink(A, address -> add(made, new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    opens.await();
                }
            }), 20, 0, LinkTests::start, silentLog());
            int most = 1 + ChatServerLink.MAX_ABANDONED;
            for (int i = 0; i < most + 3; i++) same(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(10_000)));
            Tests.comes(() -> made.size() >= most); // each by a thread of its own
            same(most, made.size());
            opens.countDown();
            Outcome last = null;
            while (!(last instanceof Outcome.Replied)) last = link.send(request(2), inMs(10_000));
        });
        tests.test("link: where no thread is to be had the message fails, and the next is sent", () -> {
            Iterator<Error> failures = List.<Error>of(new OutOfMemoryError("unable to create native thread")).iterator();
            ChatServerLink link = new ChatServerLink(A, address -> new ScriptedConnection(), PATIENT_MS, PATIENT_MS, task -> {
                if (failures.hasNext()) throw failures.next();
                start(task);
            }, silentLog());
            same(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(PATIENT_MS)));
            same(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), link.send(request(2), inMs(PATIENT_MS)));
        });
        tests.test("link: a server that drops whoever connects gets two connections for a message, and no storm", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            ChatServerLink link = link(address -> {
                ScriptedConnection dropped = add(made, new ScriptedConnection());
                dropped.open = false;
                return dropped;
            }, PATIENT_MS);
            same(new Outcome.NoAnswer("connection lost before sending"), link.send(request(1), inMs(PATIENT_MS)));
            same(2, made.size());
        });
        tests.test("link: time that connecting takes counts: nothing is sent when it is over", () -> {
            // The clock is read once before the wait; connecting begins after that reading and takes all the time there is.
            AtomicLong nowNanos = new AtomicLong();
            CountDownLatch waits = new CountDownLatch(1);
            List<EspRequest> sent = new CopyOnWriteArrayList<>();
            ChatServerLink link = link(address -> new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    waits.await();
                    nowNanos.set(PATIENT_MS * 1_000_000L);
                }

                @Override
                public EspReply request(EspRequest request, long timeoutMs) {
                    sent.add(request);
                    return RESPONSE;
                }
            }, PATIENT_MS);
            LongSupplier clock = () -> {
                long now = nowNanos.get();
                waits.countDown();
                return now;
            };
            same(new Outcome.Expired(), link.send(request(1), Deadline.of(0, PATIENT_MS, clock)));
            same(List.of(), sent);
        });
        tests.test("link: who has less time than connecting takes does not wait longer", () -> {
            ChatServerLink link = link(address -> new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    new CountDownLatch(1).await();
                }
            }, PATIENT_MS);
            same(new Outcome.NoAnswer("not connected in time, nothing was sent"), link.send(request(1), inMs(20)));
        });
        tests.test("link: a PSDK that does not fit is told in the log, and proves nothing", () -> {
            EspConnection.Maker maker = address -> {
                throw new NoSuchMethodError("open");
            };
            try (Client client = Client.of("A=127.0.0.1:1", null, 8, maker, System::nanoTime)) {
                same(504, client.ask(1, "A", Fixtures.LIVE).status());
                holds(client.logged().contains("A: cannot be reached: NoSuchMethodError"), client.logged());
            }
        });
        tests.test("link: what becomes of a server is logged when it changes, not each time", () -> {
            try (Client client = Client.of("A=down.stand-in:1")) {
                for (int i = 1; i < 4; i++) client.ask(i, "A", Fixtures.DEAD);
                same(2, client.logged().split("A: refuses connections", -1).length);
            }
        });
    }

    private static ScriptedConnection add(List<ScriptedConnection> made, ScriptedConnection connection) {
        made.add(connection);
        return connection;
    }

    /** A kept connection is closed in the calling thread, so that it is done when the call is. */
    private static ChatServerLink link(EspConnection.Maker maker, int connectTimeoutMs) {
        Executor background = task -> {
            if (task.getClass().getName().contains("KeptConnection")) task.run();
            else start(task);
        };
        return new ChatServerLink(A, maker, connectTimeoutMs, Long.MAX_VALUE / 1_000_000, background, silentLog());
    }

    private static Log silentLog() {
        return new Log(new PrintStream(PrintStream.nullOutputStream()));
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "opens");
        thread.setDaemon(true);
        thread.start();
    }

    private static EspRequest request(long referenceId) {
        return new EspRequest(referenceId, "A", new Json.Obj(Map.of()), new Json.Obj(Map.of()));
    }

    /** The clock stands still: so much is left, whatever happens. */
    private static Deadline inMs(long ms) {
        return Deadline.of(0, ms, () -> 0);
    }
}
