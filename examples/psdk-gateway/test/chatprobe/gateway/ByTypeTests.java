package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;


import org.junit.jupiter.api.Test;
import java.net.ConnectException;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

final class ByTypeTests {
    @Test
    void the_only_server_is_asked() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1")) {
            assertEquals("Event3rdServerResponse", client.ask(1, null, Fixtures.LIVE).json().get("messageName").textValue());
        }
    }

    @Test
    void all_servers_refuse_Not_found_by_type() throws Exception {
        try (Client client = Client.of("A=down.stand-in:1,B=down.stand-in:2")) {
            assertEquals(Fixtures.message("chatServerNotFoundByType"), client.ask(7, null, Fixtures.DEAD).json());
        }
    }

    @Test
    void one_refuses_and_one_is_out_of_reach_that_proves_nothing() throws Exception {
        try (Client client = Client.of("A=down.stand-in:1,B=unreachable.stand-in:2")) {
            assertEquals(504, client.ask(7, null, Fixtures.DEAD).status());
        }
        try (Client client = Client.impatient("A=down.stand-in:1,B=hanging.stand-in:2")) {
            assertEquals(504, client.ask(7, null, Fixtures.DEAD).status());
        }
    }

    @Test
    void the_one_that_can_be_connected_is_asked_whatever_the_others_do() throws Exception {
        try (Client client = Client.of("A=down.stand-in:1,B=hanging.stand-in:1,C=up.stand-in:1")) {
            assertEquals("Event3rdServerResponse", client.ask(7, null, Fixtures.LIVE).json().get("messageName").textValue());
        }
    }

    @Test
    void the_connected_ones_take_turns() throws Exception {
        FarEnd a = FarEnds.put("turn-a.test", FarEnd.chatServer(Answers.session()));
        FarEnd b = FarEnds.put("turn-b.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=turn-a.test:1,B=turn-b.test:1")) {
            assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
            assertEquals(200, client.ask(2, "B", Fixtures.LIVE).status());
            for (int i = 3; i < 7; i++) assertEquals(200, client.ask(i, null, Fixtures.LIVE).status());
            assertEquals(3, a.received().size());
            assertEquals(3, b.received().size());
        }
    }

    @Test
    void a_server_that_was_lost_is_opened_again_while_another_takes_the_messages() throws Exception {
        FarEnd lost = FarEnds.put("lost-by-type.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=up.stand-in:1,B=lost-by-type.test:1")) {
            assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
            assertEquals(200, client.ask(2, "B", Fixtures.LIVE).status());
            lost.dropConnections();
            Patience.until(() -> client.ask(3, null, Fixtures.LIVE).status() == 200 && lost.timesOpened() == 2);
        }
    }

    @Test
    void health_connected_while_one_server_is() throws Exception {
        FarEnd farEnd = FarEnds.put("health.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=health.test:1,B=down.stand-in:1")) {
            client.awaitHealthy();
            Client.Answer up = client.send(client.to("/health"));
            assertEquals("200 {\"interactionServer\":\"connected\"}", up.status() + " " + up.response().body());
            assertEquals("application/json", up.header("content-type"));
            farEnd.fail(() -> new ConnectException("Connection refused"));
            farEnd.dropConnections();
            Client.Answer down = client.send(client.to("/health"));
            assertEquals("503 {\"interactionServer\":\"disconnected\"}", down.status() + " " + down.response().body());
            farEnd.recover();
            client.awaitHealthy();
        }
        assertEquals(0, farEnd.received().size());
    }

    @Test
    void health_a_server_that_cannot_be_connected_keeps_nobody_waiting() throws Exception {
        // Connecting may take 30 s, so that whoever waits for it is found out.
        try (Client client = Client.of("A=hanging.stand-in:1", null, 8, 60_000, Client.PSDK, System::nanoTime)) {
            long startNanos = System.nanoTime();
            assertEquals(503, client.send(client.to("/health")).status());
            assertTrue(System.nanoTime() - startNanos < 15_000_000_000L, "it took fifteen seconds");
        }
    }
}
