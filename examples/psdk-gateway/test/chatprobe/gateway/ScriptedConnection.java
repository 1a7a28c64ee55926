package chatprobe.gateway;

import java.util.concurrent.atomic.AtomicInteger;

/** A connection that does what a test says; open from the start unless the test says otherwise. */
class ScriptedConnection implements EspConnection {
    static final EspReply RESPONSE = new EspReply(EspReply.Kind.RESPONSE, null, null);

    final AtomicInteger closed = new AtomicInteger();
    volatile boolean open = true;

    @Override
    public void open() throws Exception {}

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public EspReply request(EspRequest request, long timeoutMs) throws Exception {
        return RESPONSE;
    }

    @Override
    public void close() {
        open = false;
        closed.incrementAndGet();
    }
}
