package chatprobe.gateway;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Runs the HTTP server's exchanges and remembers when each arrived. A request that waited for a thread, or whose body was
 * long in coming, has used up some of its caller's time; the server itself tells neither.
 */
final class ArrivalTimes implements Executor {
    private final Executor threads;
    private final LongSupplier nanoClock;
    private final ThreadLocal<Long> arrivedNanos = new ThreadLocal<>();

    ArrivalTimes(Executor threads, LongSupplier nanoClock) {
        this.threads = threads;
        this.nanoClock = nanoClock;
    }

    @Override
    public void execute(Runnable exchange) {
        long nowNanos = nanoClock.getAsLong();
        threads.execute(() -> {
            arrivedNanos.set(nowNanos);
            exchange.run();
        });
    }

    /** When the request that this thread is working on became readable; only within an exchange. */
    long currentNanos() {
        return arrivedNanos.get();
    }
}
