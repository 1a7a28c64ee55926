package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.io.PrintStream;
import java.net.ConnectException;
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
    private LinkTests() {}

    static void addTo(Tests tests) {
        tests.test("link: many messages share one connection", () -> {
            FarEnd farEnd = FarEnds.put("kept.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=kept.test:1")) {
                for (int i = 1; i < 6; i++) same(200, client.ask(i, "A", Fixtures.LIVE).status());
                same(1, farEnd.timesOpened());
                same(1, farEnd.connectionCount());
            }
            same(0, farEnd.connectionCount());
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
            ChatServerLink link = link(maker, 5_000);
            CompletableFuture<Outcome> other = CompletableFuture.supplyAsync(() -> link.send(request(1), inMs(10_000)));
            otherIsSent.await();
            same(new Outcome.NoAnswer("silent"), link.send(request(2), inMs(ChatServerLink.SILENT_MS)));
            same(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), link.send(request(3), inMs(10_000)));
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
            }), 5_000);
            for (int i = 1; i < 4; i++) same(new Outcome.NoAnswer("silent"), link.send(request(i), inMs(ChatServerLink.SILENT_MS - 1)));
            same(1, made.size());
        });
        tests.test("link: while one opening hangs no other is begun; it is given up, and closed should it come late", () -> {
            List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
            CountDownLatch opens = new CountDownLatch(1);
            CountDownLatch closedTwice = new CountDownLatch(2);
            ChatServerLink link = link(address -> add(made, new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    if (made.size() == 1) opens.await();
                }

                @Override
                public void close() {
                    closedTwice.countDown();
                }
            }), 1_000);
            same(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(10_000)));
            same(new Outcome.NoAnswer("cannot be reached"), link.send(request(2), inMs(10_000)));
            same(1, made.size());
            opens.countDown();
            Outcome last = null;
            while (!(last instanceof Outcome.Replied)) last = link.send(request(3), inMs(10_000));
            same(2, made.size());
            closedTwice.await(); // when it was given up, and when it was open after all
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
                    nowNanos.set(10_000_000_000L);
                }

                @Override
                public EspReply request(EspRequest request, long timeoutMs) {
                    sent.add(request);
                    return RESPONSE;
                }
            }, 5_000);
            LongSupplier clock = () -> {
                long now = nowNanos.get();
                waits.countDown();
                return now;
            };
            same(new Outcome.Expired(), link.send(request(1), Deadline.of(0, 10_000, clock)));
            same(List.of(), sent);
        });
        tests.test("link: who has less time than connecting takes does not wait longer", () -> {
            ChatServerLink link = link(address -> new ScriptedConnection() {
                @Override
                public void open() throws Exception {
                    new CountDownLatch(1).await();
                }
            }, 10_000);
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
        return new ChatServerLink(new ChatServerAddress("A", "127.0.0.1", 1), maker, connectTimeoutMs, background, new Log(new PrintStream(PrintStream.nullOutputStream())));
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
