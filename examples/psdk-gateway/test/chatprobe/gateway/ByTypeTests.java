package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.net.ConnectException;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

final class ByTypeTests {
    private ByTypeTests() {}

    static void addTo(Tests tests) {
        tests.test("by type: the only server is asked", () -> {
            try (Client client = Client.of("A=up.stand-in:1")) {
                same(new Json.Text("Event3rdServerResponse"), client.ask(1, null, Fixtures.LIVE).json().get("messageName"));
            }
        });
        tests.test("by type: all servers refuse: Not found by type", () -> {
            try (Client client = Client.of("A=down.stand-in:1,B=down.stand-in:2")) {
                same(Fixtures.message("chatServerNotFoundByType"), client.ask(7, null, Fixtures.DEAD).json());
            }
        });
        tests.test("by type: one refuses and one is out of reach: that proves nothing", () -> {
            try (Client client = Client.of("A=down.stand-in:1,B=unreachable.stand-in:2")) {
                same(504, client.ask(7, null, Fixtures.DEAD).status());
            }
            try (Client client = Client.impatient("A=down.stand-in:1,B=hanging.stand-in:2")) {
                same(504, client.ask(7, null, Fixtures.DEAD).status());
            }
        });
        tests.test("by type: the one that can be connected is asked, whatever the others do", () -> {
            try (Client client = Client.of("A=down.stand-in:1,B=hanging.stand-in:1,C=up.stand-in:1")) {
                same(new Json.Text("Event3rdServerResponse"), client.ask(7, null, Fixtures.LIVE).json().get("messageName"));
            }
        });
        tests.test("by type: the connected ones take turns", () -> {
            FarEnd a = FarEnds.put("turn-a.test", FarEnd.chatServer(Answers.session()));
            FarEnd b = FarEnds.put("turn-b.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=turn-a.test:1,B=turn-b.test:1")) {
                same(200, client.ask(1, "A", Fixtures.LIVE).status());
                same(200, client.ask(2, "B", Fixtures.LIVE).status());
                for (int i = 3; i < 7; i++) same(200, client.ask(i, null, Fixtures.LIVE).status());
                same(3, a.received().size());
                same(3, b.received().size());
            }
        });
        tests.test("by type: a server that was lost is opened again, while another takes the messages", () -> {
            FarEnd lost = FarEnds.put("lost-by-type.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=up.stand-in:1,B=lost-by-type.test:1")) {
                same(200, client.ask(1, "A", Fixtures.LIVE).status());
                same(200, client.ask(2, "B", Fixtures.LIVE).status());
                lost.dropConnections();
                Tests.comes(() -> client.ask(3, null, Fixtures.LIVE).status() == 200 && lost.timesOpened() == 2);
            }
        });
        tests.test("health: connected while one server is", () -> {
            FarEnd farEnd = FarEnds.put("health.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("A=health.test:1,B=down.stand-in:1")) {
                client.awaitHealthy();
                Client.Answer up = client.send(client.to("/health"));
                same("200 {\"interactionServer\":\"connected\"}", up.status() + " " + up.response().body());
                same("application/json", up.header("content-type"));
                farEnd.fail(() -> new ConnectException("Connection refused"));
                farEnd.dropConnections();
                Client.Answer down = client.send(client.to("/health"));
                same("503 {\"interactionServer\":\"disconnected\"}", down.status() + " " + down.response().body());
                farEnd.recover();
                client.awaitHealthy();
            }
            same(0, farEnd.received().size());
        });
        tests.test("health: a server that cannot be connected keeps nobody waiting", () -> {
            // Connecting may take 30 s, so that whoever waits for it is found out.
            try (Client client = Client.of("A=hanging.stand-in:1", null, 8, 60_000, PsdkConnection::new, System::nanoTime)) {
                long startNanos = System.nanoTime();
                same(503, client.send(client.to("/health")).status());
                holds(System.nanoTime() - startNanos < 15_000_000_000L, "it took fifteen seconds");
            }
        });
    }
}
