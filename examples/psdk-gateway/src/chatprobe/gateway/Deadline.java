package chatprobe.gateway;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The moment at which a message's time is up. */
final class Deadline {
    private final long endNanos;
    private final LongSupplier nanoClock;

    private Deadline(long endNanos, LongSupplier nanoClock) {
        this.endNanos = endNanos;
        this.nanoClock = nanoClock;
    }

    /** @param startNanos when the time began to run, on that clock. */
    static Deadline of(long startNanos, long afterMs, LongSupplier nanoClock) {
        return new Deadline(startNanos + TimeUnit.MILLISECONDS.toNanos(afterMs), nanoClock);
    }

    /** Whole milliseconds, rounded down, never negative: at 0 nothing may be sent any more. */
    long leftMs() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(endNanos - nanoClock.getAsLong()));
    }
}
