package chatprobe.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One opening of a connection: what it comes to, and whether the PSDK's open() still runs, which may well take longer than we wait for it. */
final class Opening {
    /** Completed by whoever is first, the opening or the time-out. */
    final CompletableFuture<OpenResult> result = new CompletableFuture<>();
    /** What those who wait are given: by then the result has been noted. Never completes exceptionally, nor later than the time-out. */
    final CompletableFuture<OpenResult> noted;
    private final long startNanos = System.nanoTime();
    /** Guarded by the link. */
    boolean runs = true;
    /** Guarded by the link. True once another was begun while this one still runs. */
    boolean abandoned;

    Opening(int timeoutMs, Consumer<OpenResult> note) {
        noted = result.thenApply(given -> {
            note.accept(given);
            return given;
        });
        result.completeOnTimeout(new OpenResult.Failed("time-out"), timeoutMs, TimeUnit.MILLISECONDS);
    }

    boolean isDone() {
        return noted.isDone();
    }

    /** What it came to, null before. */
    OpenResult now() {
        return noted.getNow(null);
    }

    boolean hasRunFor(long ms) {
        return System.nanoTime() - startNanos >= TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
