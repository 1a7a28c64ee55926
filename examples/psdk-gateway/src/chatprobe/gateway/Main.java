package chatprobe.gateway;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The process: arguments and environment in, a listening gateway out; stops gracefully on SIGTERM. */
public final class Main {
    private static final int USAGE = 64;
    private static final int CANNOT_LISTEN = 69;
    private static final int CONFIGURATION = 78;
    static final String LOCALE_REMEDY = "start with LC_ALL=C.UTF-8";

    private Main() {}

    public static void main(String[] args) {
        // Whatever the locale is; its own words would be question marks in the log.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        Log log = new Log(System.err);
        if (!Charset.defaultCharset().equals(StandardCharsets.UTF_8))
            log.warn("the locale's character set is %s: what goes by it turns other characters into question marks; %s", Charset.defaultCharset(), LOCALE_REMEDY);
        List<String> left = Arrays.asList(args);
        boolean checkOnly = left.contains("--check-config");
        left = left.stream().filter(each -> !each.equals("--check-config")).toList();
        boolean named = left.size() == 2 && left.get(0).equals("--config");
        if (!named && !left.isEmpty()) {
            System.err.println("Usage: psdk-gateway [--check-config] [--config FILE]");
            System.exit(USAGE);
        }
        Settings settings = settings(named ? left.get(1) : null, System.getenv());
        if (settings == null) System.exit(CONFIGURATION);
        if (checkOnly) System.out.println(settings);
        else serve(settings, log);
    }

    /** Null if there are problems, all of which have been told. */
    private static Settings settings(String file, Map<String, String> environment) {
        String properties = "";
        try {
            if (file != null) properties = Files.readString(Path.of(file));
        } catch (IOException | RuntimeException unreadable) {
            System.err.println(file + " cannot be read as UTF-8 text");
            return null;
        }
        SettingsReader reader = new SettingsReader();
        Settings settings = reader.read(properties, environment);
        reader.problems().forEach(System.err::println);
        return settings;
    }

    private static void serve(Settings settings, Log log) {
        log.info("%s", settings);
        if (settings.token() != null && settings.tls() == null) log.warn("the token travels without TLS: fine on loopback, for a network set tls.keystore.file");
        try {
            Gateway gateway = Gateway.start(settings, PsdkConnection.maker(settings.chatConnection()), System::nanoTime, log);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                log.info("stopping");
                gateway.stop();
                log.info("stopped");
            }));
            System.out.println("listening on " + gateway.url());
        } catch (IOException | GeneralSecurityException refused) {
            log.warn("cannot listen on %s:%d: %s", settings.listenHost(), settings.listenPort(), refused.getMessage());
            System.exit(CANNOT_LISTEN);
        }
    }
}
