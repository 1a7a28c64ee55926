package chatprobe.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** The one kept connection to one Chat Server: opened on first use and again when lost, never twice at a time. */
final class ChatServerLink {
    /** A message that waited this long in vain makes the connection suspect: a firewall may have forgotten it. The next opens a fresh one. */
    static final long SILENT_MS = 1_000;
    /** Openings that ignore being closed: so many may hang on, a thread each, while a further one is tried. */
    static final int MAX_ABANDONED = 3;
    /** A connection can be lost between being opened and being used; to try for ever would be a storm of connections. */
    private static final int MAX_ROUNDS = 2;

    private final ChatServerAddress address;
    private final EspConnection.Maker maker;
    private final int connectTimeoutMs;
    private final long abandonAfterMs;
    private final Executor background;
    private final Log log;
    private Opening opening;
    private int abandoned;
    private final AtomicReference<OpenResult> lastNoted = new AtomicReference<>();

    /**
     * @param abandonAfterMs when an opening that is over but does not end is left to itself, and another is begun.
     * @param background runs what may block; it must have a thread for each call.
     */
    ChatServerLink(ChatServerAddress address, EspConnection.Maker maker, int connectTimeoutMs, long abandonAfterMs, Executor background, Log log) {
        this.address = address;
        this.maker = maker;
        this.connectTimeoutMs = connectTimeoutMs;
        this.abandonAfterMs = abandonAfterMs;
        this.background = background;
        this.log = log;
    }

    boolean isOpen() {
        Opening current = current();
        return current != null && current.now() instanceof OpenResult.Opened opened && opened.connection().isUsable();
    }

    /** True if the last opening was refused. */
    boolean isRefused() {
        Opening current = current();
        return current != null && current.now() instanceof OpenResult.Refused;
    }

    /** The kept connection, or the opening under way, or a new one. Never completes exceptionally, nor later than the connect time-out. */
    synchronized CompletableFuture<OpenResult> connect() {
        if (opening != null && (!opening.isDone() || isOpen() || mustBeAwaited(opening))) return opening.noted;
        retireCurrent();
        if (opening != null && opening.runs) abandon(opening);
        Opening next = new Opening(connectTimeoutMs, this::noteChange);
        opening = next;
        try {
            background.execute(() -> open(next));
        } catch (RuntimeException | Error noThread) {
            // Else the link would wait for ever for an opening that nobody runs.
            next.runs = false;
            next.result.complete(new OpenResult.Failed(noThread.getClass().getSimpleName()));
        }
        return next.noted;
    }

    /** Sends once, on an open connection, if there is one before time is up. Never throws. */
    Outcome send(EspRequest request, Deadline deadline) {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            OpenResult result;
            try {
                result = connect().get(deadline.leftMs(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException tooLong) {
                return new Outcome.NoAnswer("not connected in time, nothing was sent");
            } catch (InterruptedException | ExecutionException stopped) {
                return new Outcome.NoAnswer("stopped");
            }
            if (result instanceof OpenResult.Refused) return new Outcome.Down();
            if (result instanceof OpenResult.Failed) return new Outcome.NoAnswer("cannot be reached");
            // False if it was lost or retired just now: then the next round opens another.
            KeptConnection connection = ((OpenResult.Opened) result).connection();
            if (connection.enter()) return sendOn(connection, request, deadline);
        }
        return new Outcome.NoAnswer("connection lost before sending");
    }

    /** Closes the connection when the messages on it have their answers. */
    synchronized void close() {
        retireCurrent();
    }

    private synchronized Opening current() {
        return opening;
    }

    private void retireCurrent() {
        if (opening != null && opening.now() instanceof OpenResult.Opened opened) opened.connection().retire();
    }

    /** One opening at a time, unless the PSDK's open() hangs on long after it was given up. */
    private boolean mustBeAwaited(Opening hanging) {
        return hanging.runs && !(abandoned < MAX_ABANDONED && hanging.hasRunFor(abandonAfterMs));
    }

    private void abandon(Opening hanging) {
        hanging.abandoned = true;
        abandoned++;
        log.warn("%s: an opening neither ends nor can be closed, and is abandoned (%d of at most %d)", address.name(), abandoned, MAX_ABANDONED);
    }

    private Outcome sendOn(KeptConnection connection, EspRequest request, Deadline deadline) {
        try {
            long leftMs = deadline.leftMs();
            if (leftMs == 0) return new Outcome.Expired();
            EspReply reply = connection.request(request, leftMs);
            if (reply != null) return new Outcome.Replied(reply, address.name());
            if (leftMs >= SILENT_MS) connection.retire();
            return new Outcome.NoAnswer("silent");
        } catch (Exception | LinkageError failure) {
            if (failure instanceof InterruptedException) Thread.currentThread().interrupt();
            connection.retire();
            log.warn("%s: message broke off: %s", address.name(), failure.getClass().getSimpleName());
            return new Outcome.NoAnswer("connection lost");
        } finally {
            connection.leave();
        }
    }

    private void open(Opening current) {
        OpenResult opened;
        try {
            opened = tryToOpen(current.result);
        } finally {
            synchronized (this) {
                current.runs = false;
                if (current.abandoned) abandoned--;
            }
        }
        // Too late for those who asked: a connection that nobody knows of must not stay open.
        if (!current.result.complete(opened) && opened instanceof OpenResult.Opened late) late.connection().retire();
    }

    private OpenResult tryToOpen(CompletableFuture<OpenResult> result) {
        try {
            EspConnection connection = maker.make(address);
            // Who still waits when the time is up is let go by the time-out; then the PSDK's open() shall end, too.
            result.thenAccept(given -> {
                if (given instanceof OpenResult.Failed) background.execute(connection::close);
            });
            connection.open();
            return new OpenResult.Opened(new KeptConnection(connection, background));
        } catch (Exception | LinkageError failure) {
            boolean inTime = !result.isDone();
            if (inTime && failure instanceof Exception && Refusal.isBehind(failure, address, connectTimeoutMs)) return new OpenResult.Refused();
            return new OpenResult.Failed(failure.getClass().getSimpleName());
        }
    }

    /** One line for each change, not one for each attempt: a server that is down stays so for a while. */
    private void noteChange(OpenResult result) {
        if (result.equals(lastNoted.getAndSet(result))) return;
        if (result instanceof OpenResult.Opened) log.info("%s: connected", address.name());
        else if (result instanceof OpenResult.Failed failed) log.warn("%s: cannot be reached: %s", address.name(), failed.why());
        else log.warn("%s: refuses connections and counts as down; if it is up, correct its host and port", address.name());
    }
}
