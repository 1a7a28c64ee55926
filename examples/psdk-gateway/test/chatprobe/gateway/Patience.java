package chatprobe.gateway;

/** Waits for what happens in its own time; the limit of the test is the only one. */
final class Patience {
    interface Condition {
        boolean holds() throws Exception;
    }

    private Patience() {}

    static void until(Condition condition) throws Exception {
        while (!condition.holds()) Thread.sleep(5);
    }
}
