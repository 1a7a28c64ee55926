package standins;

import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.openmedia.protocol.ExternalServiceProtocol;
import com.genesyslab.platform.openmedia.protocol.externalservice.request.Request3rdServer;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/** A scripted Chat Server: whether it lets itself be connected to, and what it answers. */
public final class FarEnd {
    /** Takes a reply to the connection. */
    public interface Back {
        void reply(int referenceId, Message message);
    }

    private static final ScheduledExecutorService LATER = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "stand-in");
        thread.setDaemon(true);
        return thread;
    });

    private final Set<ExternalServiceProtocol> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger timesOpened = new AtomicInteger();
    private final List<Request3rdServer> received = new CopyOnWriteArrayList<>();
    private final boolean hangs;
    private volatile Supplier<Throwable> failure;
    private volatile Answers answers;
    private volatile String tls = "off";
    /** Replies that wait to be released, null while none is held back. Guarded by this. */
    private List<Runnable> held;

    private FarEnd(boolean hangs, Supplier<Throwable> failure, Answers answers) {
        this.hangs = hangs;
        this.failure = failure;
        this.answers = answers;
    }

    public static FarEnd chatServer(Answers answers) {
        return new FarEnd(false, null, answers);
    }

    /** @param cause what opening a connection ends with, wrapped as the PSDK may wrap it; may supply null. */
    public static FarEnd failing(Supplier<Throwable> cause) {
        return new FarEnd(false, cause, Answers.none());
    }

    /** Opening a connection takes until it is closed. */
    public static FarEnd hanging() {
        return new FarEnd(true, null, Answers.none());
    }

    /** Its port wants TLS to begin so: off, secure or upgrade. */
    public FarEnd wantingTls(String mode) {
        tls = mode;
        return this;
    }

    /** From now on it cannot be connected to; connections that are open stay. */
    public void fail(Supplier<Throwable> cause) {
        failure = cause;
    }

    public void recover() {
        failure = null;
    }

    /** From now on it answers nothing, until it is let go on. */
    public synchronized void hold() {
        held = new ArrayList<>();
    }

    /** Gives all answers that were held back, and holds back no more. */
    public void release() {
        List<Runnable> late;
        synchronized (this) {
            late = held;
            held = null;
        }
        late.forEach(Runnable::run);
    }

    public void answerWith(Answers other) {
        answers = other;
    }

    /** All connections break, as when the process dies. */
    public void dropConnections() throws ProtocolException, InterruptedException {
        for (ExternalServiceProtocol connection : connections) connection.close();
    }

    public Set<ExternalServiceProtocol> connections() {
        return connections;
    }

    public int connectionCount() {
        return connections.size();
    }

    public int timesOpened() {
        return timesOpened.get();
    }

    public List<Request3rdServer> received() {
        return received;
    }

    public void accept(ExternalServiceProtocol connection, CountDownLatch closed, Wire wire) throws ProtocolException, InterruptedException {
        timesOpened.incrementAndGet();
        if (hangs) closed.await();
        if (hangs) throw new ProtocolException("closed while opening", new InterruptedIOException());
        Supplier<Throwable> fails = failure;
        if (fails != null) throw new ProtocolException("cannot open the channel", new IllegalStateException("wrapped", fails.get()));
        if (!wire.tls().equals(tls)) throw new ProtocolException("cannot open the channel", new SSLException("TLS is " + wire.tls() + " here and " + tls + " there"));
        connections.add(connection);
    }

    public void forget(ExternalServiceProtocol connection) {
        connections.remove(connection);
    }

    /** Answers after a while that differs from request to request, so that replies overtake each other. */
    public void take(Request3rdServer request, Back back) {
        received.add(request);
        Message answer = answers.to(request);
        if (answer == null) return;
        int id = request.getReferenceId();
        synchronized (this) {
            if (held != null) {
                held.add(() -> back.reply(id, answer));
                return;
            }
        }
        LATER.schedule(() -> back.reply(id, answer), answers.delayMs(id), TimeUnit.MILLISECONDS);
    }
}
