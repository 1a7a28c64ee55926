package chatprobe.gateway;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs tests one after the other, each in bounded time, and counts. */
final class Tests {
    /** Far beyond what any test takes: on a machine under load none may fail for want of time. */
    private static final int LIMIT_SECONDS = 120;

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

    interface Condition {
        boolean holds() throws Exception;
    }

    /** Waits for what happens in its own time; the limit of the test is the only one. */
    static void comes(Condition condition) throws Exception {
        while (!condition.holds()) Thread.sleep(5);
    }

    static void holds(boolean condition, String otherwise) {
        if (!condition) throw new AssertionError(otherwise);
    }
}
