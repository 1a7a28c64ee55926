package chatprobe.gateway;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs tests one after the other, each in bounded time, and counts. */
final class Tests {
    private static final int LIMIT_SECONDS = 20;

    interface Body {
        void run() throws Exception;
    }

    private final ExecutorService runner = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test");
        thread.setDaemon(true);
        return thread;
    });
    private final String prefix;
    private int passed;
    private int failed;

    /** @param prefix only tests whose name begins so are run. */
    Tests(String prefix) {
        this.prefix = prefix;
    }

    /** @param name the behaviour that it protects. */
    void test(String name, Body body) {
        if (!name.startsWith(prefix)) return;
        long startNanos = System.nanoTime();
        Future<?> running = runner.submit(() -> {
            body.run();
            return null;
        });
        try {
            running.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            passed++;
            System.out.println("ok   " + name + " (" + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos) + " ms)");
        } catch (Exception problem) {
            failed++;
            System.out.println("FAIL " + name);
            Throwable cause = problem.getCause() == null ? problem : problem.getCause();
            cause.printStackTrace(System.out);
        }
    }

    int failed() {
        return failed;
    }

    String summary() {
        return passed + " passed, " + failed + " failed";
    }

    static void same(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + "\n     but got " + actual);
    }

    static void holds(boolean condition, String otherwise) {
        if (!condition) throw new AssertionError(otherwise);
    }
}
