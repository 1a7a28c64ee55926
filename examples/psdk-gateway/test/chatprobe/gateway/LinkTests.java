package chatprobe.gateway;

import static chatprobe.gateway.LinkRig.PATIENT_MS;
import static chatprobe.gateway.LinkRig.add;
import static chatprobe.gateway.LinkRig.inMs;
import static chatprobe.gateway.LinkRig.link;
import static chatprobe.gateway.LinkRig.request;
import static chatprobe.gateway.Tests.same;

import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
    }
}
