package chatprobe.gateway;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Executor;

/** A link to a Chat Server that a test scripts, and what to send on it. */
final class LinkRig {
    static final ChatServerAddress A = new ChatServerAddress("A", "127.0.0.1", 1);
    /** For what takes no time but that of a busy machine. */
    static final int PATIENT_MS = 60_000;

    private LinkRig() {}

    static ScriptedConnection add(List<ScriptedConnection> made, ScriptedConnection connection) {
        made.add(connection);
        return connection;
    }

    /** A kept connection is closed in the calling thread, so that it is done when the call is. */
    static ChatServerLink link(EspConnection.Maker maker, int connectTimeoutMs) {
        Executor background = task -> {
            if (task.getClass().getName().contains("KeptConnection")) task.run();
            else start(task);
        };
        return new ChatServerLink(A, maker, connectTimeoutMs, Long.MAX_VALUE / 1_000_000, background, silentLog());
    }

    static Log silentLog() {
        return new Log(new PrintStream(PrintStream.nullOutputStream()));
    }

    static void start(Runnable task) {
        Thread thread = new Thread(task, "opens");
        thread.setDaemon(true);
        thread.start();
    }

    static EspRequest request(long referenceId) {
        return new EspRequest(referenceId, "A", Json.object(), Json.object());
    }

    /** The clock stands still: so much is left, whatever happens. */
    static Deadline inMs(long ms) {
        return Deadline.of(0, ms, () -> 0);
    }
}
