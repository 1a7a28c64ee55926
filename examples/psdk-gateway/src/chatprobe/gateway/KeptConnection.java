package chatprobe.gateway;

import java.util.concurrent.Executor;

/** An open connection that many messages share. Once retired it takes no more, and closes when the last has its answer. */
final class KeptConnection {
    private final EspConnection connection;
    private final Executor closer;
    private int inUse;
    private boolean retired;

    /** @param closer runs what may take a while. */
    KeptConnection(EspConnection connection, Executor closer) {
        this.connection = connection;
        this.closer = closer;
    }

    synchronized boolean isUsable() {
        return !retired && connection.isOpen();
    }

    /** @return false if it takes no more messages; if true, {@link #leave} must follow. */
    synchronized boolean enter() {
        if (!isUsable()) return false;
        inUse++;
        return true;
    }

    synchronized void leave() {
        inUse--;
        closeWhenIdle();
    }

    synchronized void retire() {
        if (retired) return;
        retired = true;
        closeWhenIdle();
    }

    /** Only between {@link #enter} and {@link #leave}. */
    EspReply request(EspRequest request, long timeoutMs) throws Exception {
        return connection.request(request, timeoutMs);
    }

    private void closeWhenIdle() {
        if (retired && inUse == 0) closer.execute(connection::close);
    }
}
