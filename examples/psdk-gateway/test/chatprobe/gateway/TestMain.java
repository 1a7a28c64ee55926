package chatprobe.gateway;

/**
 * Runs all tests, or those whose name begins with the first argument, prints <code>N passed, N failed</code>, and exits with 0 or 1.
 *
 * <p>System properties: <code>fixtures</code>, the file with the contract's messages; <code>keystore</code> and
 * <code>keystore.password.file</code>, a keystore for a gateway with TLS on loopback.
 */
public final class TestMain {
    private TestMain() {}

    public static void main(String[] args) throws Exception {
        Tests tests = new Tests(args.length == 0 ? "" : args[0]);
        JsonTests.addTo(tests);
        RequestTests.addTo(tests);
        MappingTests.addTo(tests);
        SettingsTests.addTo(tests);
        RefusalTests.addTo(tests);
        LinkTests.addTo(tests);
        OpeningTests.addTo(tests);
        ByTypeTests.addTo(tests);
        HttpTests.addTo(tests);
        DeadlineTests.addTo(tests);
        ConcurrencyTests.addTo(tests);
        LoadTests.addTo(tests);
        System.out.println(tests.summary());
        System.exit(tests.failed() == 0 ? 0 : 1);
    }
}
