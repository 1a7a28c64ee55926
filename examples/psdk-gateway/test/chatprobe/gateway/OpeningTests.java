package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static chatprobe.gateway.LinkRig.A;
import static chatprobe.gateway.LinkRig.PATIENT_MS;
import static chatprobe.gateway.LinkRig.add;
import static chatprobe.gateway.LinkRig.inMs;
import static chatprobe.gateway.LinkRig.link;
import static chatprobe.gateway.LinkRig.request;
import static chatprobe.gateway.LinkRig.silentLog;
import static chatprobe.gateway.LinkRig.start;

import org.junit.jupiter.api.Test;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** How a connection is opened, and what becomes of those who wait for it. */
final class OpeningTests {
    @Test
    void while_one_opening_hangs_no_other_is_begun_it_is_given_up_and_closed_should_it_come_late() throws Exception {
        List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
        CountDownLatch opens = new CountDownLatch(1);
        ChatServerLink link = link(address -> add(made, new ScriptedConnection() {
            @Override
            public void open() throws Exception {
                if (made.size() == 1) opens.await();
            }
        }), 300);
        assertEquals(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(10_000)));
        assertEquals(new Outcome.NoAnswer("cannot be reached"), link.send(request(2), inMs(10_000)));
        assertEquals(1, made.size());
        opens.countDown();
        Outcome last = null;
        // More often than once, should opening the other take too long, too.
        while (!(last instanceof Outcome.Replied)) last = link.send(request(3), inMs(10_000));
        Patience.until(() -> made.get(0).closed.get() == 2); // when it was given up, and when it was open after all
    }

    @Test
    void an_opening_that_cannot_even_be_closed_is_abandoned_but_only_so_many() throws Exception {
        List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
        CountDownLatch opens = new CountDownLatch(1);
        ChatServerLink link = new ChatServerLink(A, address -> add(made, new ScriptedConnection() {
            @Override
            public void open() throws Exception {
                opens.await();
            }
        }), 20, 0, LinkRig::start, silentLog());
        int most = 1 + ChatServerLink.MAX_ABANDONED;
        for (int i = 0; i < most + 3; i++) assertEquals(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(10_000)));
        Patience.until(() -> made.size() >= most); // each by a thread of its own
        assertEquals(most, made.size());
        opens.countDown();
        Outcome last = null;
        while (!(last instanceof Outcome.Replied)) last = link.send(request(2), inMs(10_000));
    }

    @Test
    void where_no_thread_is_to_be_had_the_message_fails_and_the_next_is_sent() throws Exception {
        Iterator<Error> failures = List.<Error>of(new OutOfMemoryError("unable to create native thread")).iterator();
        ChatServerLink link = new ChatServerLink(A, address -> new ScriptedConnection(), PATIENT_MS, PATIENT_MS, task -> {
            if (failures.hasNext()) throw failures.next();
            start(task);
        }, silentLog());
        assertEquals(new Outcome.NoAnswer("cannot be reached"), link.send(request(1), inMs(PATIENT_MS)));
        assertEquals(new Outcome.Replied(ScriptedConnection.RESPONSE, "A"), link.send(request(2), inMs(PATIENT_MS)));
    }

    @Test
    void a_server_that_drops_whoever_connects_gets_two_connections_for_a_message_and_no_storm() throws Exception {
        List<ScriptedConnection> made = new CopyOnWriteArrayList<>();
        ChatServerLink link = link(address -> {
            ScriptedConnection dropped = add(made, new ScriptedConnection());
            dropped.open = false;
            return dropped;
        }, PATIENT_MS);
        assertEquals(new Outcome.NoAnswer("connection lost before sending"), link.send(request(1), inMs(PATIENT_MS)));
        assertEquals(2, made.size());
    }

    @Test
    void time_that_connecting_takes_counts_nothing_is_sent_when_it_is_over() throws Exception {
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
        assertEquals(new Outcome.Expired(), link.send(request(1), Deadline.of(0, PATIENT_MS, clock)));
        assertEquals(List.of(), sent);
    }

    @Test
    void who_has_less_time_than_connecting_takes_does_not_wait_longer() throws Exception {
        ChatServerLink link = link(address -> new ScriptedConnection() {
            @Override
            public void open() throws Exception {
                new CountDownLatch(1).await();
            }
        }, PATIENT_MS);
        assertEquals(new Outcome.NoAnswer("not connected in time, nothing was sent"), link.send(request(1), inMs(20)));
    }

    @Test
    void a_PSDK_that_does_not_fit_is_told_in_the_log_and_proves_nothing() throws Exception {
        EspConnection.Maker maker = address -> {
            throw new NoSuchMethodError("open");
        };
        try (Client client = Client.of("A=127.0.0.1:1", null, 8, maker, System::nanoTime)) {
            assertEquals(504, client.ask(1, "A", Fixtures.LIVE).status());
            assertTrue(client.logged().contains("A: cannot be reached: NoSuchMethodError"), client.logged());
        }
    }

    @Test
    void what_becomes_of_a_server_is_logged_when_it_changes_not_each_time() throws Exception {
        try (Client client = Client.of("A=down.stand-in:1")) {
            for (int i = 1; i < 4; i++) client.ask(i, "A", Fixtures.DEAD);
            assertEquals(2, client.logged().split("A: refuses connections", -1).length);
        }
    }
}
