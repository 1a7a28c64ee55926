package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

final class ConcurrencyTests {
    @Test
    void replies_that_overtake_each_other_reach_their_callers_each_with_the_caller_s_id() throws Exception {
        FarEnds.put("many.test", FarEnd.chatServer(Answers.session()));
        ExecutorService callers = Executors.newFixedThreadPool(32);
        try (Client client = Client.of("A=many.test:1,B=down.stand-in:1")) {
            List<Future<Void>> running = new ArrayList<>();
            for (long i = 1; i <= 400; i++) {
                long id = i;
                running.add(callers.submit(() -> check(client, id)));
            }
            for (Future<Void> each : running) each.get();
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void when_all_places_are_taken_429_says_when_to_come_again_a_place_that_is_free_is_given() throws Exception {
        Blocking blocking = new Blocking(2);
        try (Client client = Client.of("A=a.test:1", null, 2, address -> blocking, System::nanoTime)) {
            CompletableFuture<Integer> first = inBackground(client, 1);
            CompletableFuture<Integer> second = inBackground(client, 2);
            blocking.inside.await();
            Client.Answer third = client.ask(3, "A", Fixtures.LIVE);
            assertEquals("429 1", third.status() + " " + third.header("retry-after"));
            assertEquals(200, client.send(client.to("/health")).status());
            blocking.mayEnd.countDown();
            assertEquals(200, first.get());
            assertEquals(200, second.get());
            assertEquals(200, client.ask(4, "A", Fixtures.LIVE).status());
        }
    }

    @Test
    void stopping_lets_a_message_that_is_on_its_way_end_and_takes_no_other() throws Exception {
        Blocking blocking = new Blocking(1);
        Client client = Client.of("A=a.test:1", null, 2, 60_000, address -> blocking, System::nanoTime);
        CompletableFuture<Integer> running = inBackground(client, 1);
        blocking.inside.await();
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(client::close);
        while (isListening(client.port())) Thread.onSpinWait();
        assertTrue(!stopping.isDone(), "it did not wait");
        blocking.mayEnd.countDown();
        assertEquals(200, running.get());
        stopping.get();
        // Stopping waits for it, but not for ever.
        Patience.until(() -> blocking.closed.get() == 1);
    }

    @Test
    void with_nothing_on_its_way_it_stops_at_once() throws Exception {
        Client client = Client.of("A=up.stand-in:1", null, 2, 60_000, Client.PSDK, System::nanoTime);
        assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
        CompletableFuture.runAsync(client::close).get(30, TimeUnit.SECONDS);
    }

    /** Every third goes to the live chat, every third to a server that is down. */
    private static Void check(Client client, long id) throws Exception {
        String appName = id % 3 == 2 ? "B" : "A";
        ObjectNode answer = client.ask(id, appName, id % 3 == 0 ? Fixtures.LIVE : Fixtures.DEAD).json();
        assertEquals(id, answer.get("referenceId").longValue());
        String[] names = {"Event3rdServerResponse", "Event3rdServerFault", "EventError"};
        assertEquals(names[(int) (id % 3)], answer.get("messageName").textValue());
        return null;
    }

    private static CompletableFuture<Integer> inBackground(Client client, long id) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.ask(id, "A", Fixtures.LIVE).status();
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
        }, task -> new Thread(task, "caller").start());
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** Answers nobody before it may. */
    private static final class Blocking extends ScriptedConnection {
        private final CountDownLatch inside;
        private final CountDownLatch mayEnd = new CountDownLatch(1);

        Blocking(int callers) {
            inside = new CountDownLatch(callers);
        }

        @Override
        public EspReply request(EspRequest request, long timeoutMs) throws InterruptedException {
            inside.countDown();
            mayEnd.await();
            return RESPONSE;
        }
    }
}
