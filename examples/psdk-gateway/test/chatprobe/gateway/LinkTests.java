package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static chatprobe.gateway.LinkRig.PATIENT_MS;
import static chatprobe.gateway.LinkRig.add;
import static chatprobe.gateway.LinkRig.inMs;
import static chatprobe.gateway.LinkRig.link;
import static chatprobe.gateway.LinkRig.request;

import org.junit.jupiter.api.Test;
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
    @Test
    void many_messages_share_one_connection() throws Exception {
        FarEnd farEnd = FarEnds.put("kept.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=kept.test:1")) {
            for (int i = 1; i < 6; i++) assertEquals(200, client.ask(i, "A", Fixtures.LIVE).status());
            assertEquals(1, farEnd.timesOpened());
            assertEquals(1, farEnd.connectionCount());
        }
        // Stopping waits for it, but not for ever.
        Patience.until(() -> farEnd.connectionCount() == 0);
    }

    @Test
    void a_lost_connection_is_opened_again_without_a_message_lost() throws Exception {
        FarEnd farEnd = FarEnds.put("lost.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=lost.test:1")) {
            assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
            farEnd.dropConnections();
            assertEquals(200, client.ask(2, "A", Fixtures.LIVE).status());
            assertEquals(2, farEnd.timesOpened());
            assertEquals(2, farEnd.received().size());
        }
    }

    @Test
    void a_server_that_dies_is_Not_found_by_name_and_found_again_when_it_is_back() throws Exception {
        FarEnd farEnd = FarEnds.put("dies.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("A=dies.test:1")) {
            assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
            farEnd.fail(() -> new ConnectException("Connection refused"));
            farEnd.dropConnections();
            assertEquals("Not found by name", client.ask(2, "A", Fixtures.LIVE).json().get("errorMessage").textValue());
            farEnd.recover();
            assertEquals("Event3rdServerResponse", client.ask(3, "A", Fixtures.LIVE).json().get("messageName").textValue());
            assertEquals(2, farEnd.received().size());
        }
    }

    @Test
    void a_message_that_breaks_off_is_504_is_not_sent_again_and_the_next_goes_over_a_fresh_connection() throws Exception {
        List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
        EspConnection.Maker maker = address -> add(made, new ScriptedConnection() {
            @Override
            public EspReply request(EspRequest request, long timeoutMs) {
                if (made.size() == 1) throw new IllegalStateException("broken pipe");
                return RESPONSE;
            }
        });
        try (Client client = Client.of("A=a.test:1", null, 8, maker, System::nanoTime)) {
            assertEquals(504, client.ask(1, "A", Fixtures.LIVE).status());
            assertEquals(200, client.ask(2, "A", Fixtures.LIVE).status());
            assertEquals(2, made.size());
        }
    }

    @Test
    void a_connection_that_stayed_silent_is_replaced_and_closed_when_its_last_message_is_done() throws Exception {
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
        assertEquals(new Outcome.NoAnswer("silent"), link.send(request(2), inMs(ChatServerLink.SILENT_MS)));
        assertEquals(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), link.send(request(3), inMs(PATIENT_MS)));
        assertEquals(2, made.size());
        assertEquals(0, made.get(0).closed.get());
        otherMayEnd.countDown();
        assertEquals(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), other.get());
        assertEquals(1, made.get(0).closed.get());
        assertEquals(0, made.get(1).closed.get());
    }

    @Test
    void a_caller_in_a_hurry_does_not_cost_the_others_their_connection() throws Exception {
        List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
        ChatServerLink link = link(address -> add(made, new ScriptedConnection() {
            @Override
            public EspReply request(EspRequest request, long timeoutMs) {
                return null;
            }
        }), PATIENT_MS);
        link.connect().get(); // which may take longer than the callers would wait
        for (int i = 1; i < 4; i++) assertEquals(new Outcome.NoAnswer("silent"), link.send(request(i), inMs(ChatServerLink.SILENT_MS - 1)));
        assertEquals(1, made.size());
    }
}
