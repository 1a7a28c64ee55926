package chatprobe.gateway;

import static chatprobe.gateway.LinkRig.A;
import static chatprobe.gateway.LinkRig.PATIENT_MS;
import static chatprobe.gateway.LinkRig.add;
import static chatprobe.gateway.LinkRig.inMs;
import static chatprobe.gateway.LinkRig.link;
import static chatprobe.gateway.LinkRig.request;
import static chatprobe.gateway.LinkRig.silentLog;
import static chatprobe.gateway.LinkRig.start;
import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** How a connection is opened, and what becomes of those who wait for it. */
final class OpeningTests {
    private OpeningTests() {}

    static void addTo(Tests tests) {
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
            }), 20, 0, LinkRig::start, silentLog());
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
}
