package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class SettingsTests {
    private static final String SERVER = "chat.server.ChatServer_1=chat-1.example:4801\n";

    private SettingsTests() {}

    static void addTo(Tests tests) {
        tests.test("settings: one Chat Server is enough, and the rest has defaults on loopback", () -> {
            Settings settings = read(SERVER);
            same("127.0.0.1:9190", settings.listenHost() + ":" + settings.listenPort());
            same(Map.of("ChatServer_1", new ChatServerAddress("ChatServer_1", "chat-1.example", 4801)), settings.chatServers());
            same("64 10000 3000", settings.maxConcurrent() + " " + settings.requestTimeoutMs() + " " + settings.connectTimeoutMs());
        });
        tests.test("settings: names may hold spaces, hosts may be IPv6", () ->
            same(new ChatServerAddress("Chat Server 1", "::1", 4801), read("chat.server.Chat\\ Server\\ 1=[::1]:4801").chatServers().get("Chat Server 1")));
        tests.test("settings: the environment wins over the file", () -> {
            Settings settings = read(SERVER + "listen.port=1", Map.of("PSDK_GATEWAY_LISTEN_PORT", "0", "PSDK_GATEWAY_CHAT_SERVERS", "A=a:1, B=b:2", "PATH", "x"));
            same(0, settings.listenPort());
            same(List.of("A", "B"), settings.chatServers().keySet().stream().sorted().toList());
        });
        tests.test("settings: without a Chat Server there is nothing to do", () ->
            same(List.of("chat.server.<name> at least one Chat Server is needed, as in chat.server.ChatServer_1=chat-1.example:4801"), problemsOf("")));
        tests.test("settings: all problems are told in one go, each by its name", () ->
            same(List.of("listen.port is given twice", "chat.server. must be the name of a Chat Server and its ESP port, as in name=host:port",
                "chat.server.A must be the name of a Chat Server and its ESP port, as in name=host:port", "listen.prt is not a setting",
                "PSDK_GATEWAY_PORT is not a setting", "listen.port must be a whole number from 0 to 65535", "token.file cannot be read",
                "allow.anonymous must be true or false", "tls.keystore.file and tls.keystore.password.file are needed both, or neither",
                "requests.max.concurrent must be a whole number from 1 to 1000", "connect.timeout.ms (3000) is longer than request.timeout.ms (2000)"),
                problemsOf("listen.port=1\nlisten.port=65536\nlisten.prt=1\nchat.server.A=a\nchat.server.=a:1\ntoken.file=no-such-file\nallow.anonymous=yes\n"
                    + "tls.keystore.file=x\nrequests.max.concurrent=0\nrequest.timeout.ms=2000", Map.of("PSDK_GATEWAY_PORT", "1"))));
        for (String address : List.of("a", "a:", "a:0", "a:65536", ":1", "a b:1", "http://a:1", "[a:1", "user@a:1", "::1:4801"))
            tests.test("settings: refuses the address " + address, () -> same(null, ChatServerAddress.parse("A", address)));
        tests.test("settings: beyond loopback it wants a token, or the word that none is needed", () -> {
            same(1, problemsOf(SERVER + "listen.host=0.0.0.0").size());
            same("0.0.0.0", read(SERVER + "listen.host=0.0.0.0\nallow.anonymous=true").listenHost());
            same("0.0.0.0", read(SERVER + "listen.host=0.0.0.0\ntoken.file=" + tokenFile("t0ken\n")).listenHost());
        });
        tests.test("settings: a token is one word; what it was never shows", () -> {
            same("t0ken", read(SERVER + "token.file=" + tokenFile(" t0ken\r\n")).token());
            holds(!read(SERVER + "token.file=" + tokenFile("t0ken")).toString().contains("t0ken"), "it shows");
            for (String bad : List.of("", "  \n", "two words", "f\u00fcnf", "x".repeat(5_000))) {
                List<String> problems = problemsOf(SERVER + "token.file=" + tokenFile(bad));
                same(1, problems.size());
                holds(bad.isBlank() || !problems.get(0).contains(bad), "it shows: " + problems);
            }
        });
        tests.test("settings: a password is one line of ASCII, blanks and all", () -> {
            String password = " two words ";
            String settings = SERVER + "tls.keystore.file=" + keystoreWith(password) + "\ntls.keystore.password.file=";
            for (String end : List.of("", "\n", "\r\n")) same(password, read(settings + tokenFile(password + end)).tls().password());
            for (String bad : List.of("", "\n", password + "\nx", "f\u00fcnf"))
                same(List.of("tls.keystore.password.file must hold one line of ASCII characters"), problemsOf(settings + tokenFile(bad)));
        });
        tests.test("settings: a keystore is tried before anybody connects", () -> {
            String keystore = SERVER + "tls.keystore.file=" + System.getProperty("keystore") + "\ntls.keystore.password.file=";
            Settings settings = read(keystore + System.getProperty("keystore.password.file"));
            holds(settings.tls() != null, "TLS is off");
            holds(!settings.toString().contains(settings.tls().password()), "the password shows");
            same(List.of("tls.keystore.file cannot be used with that password as a PKCS #12 keystore with a private key"), problemsOf(keystore + tokenFile("wrong")));
        });
    }

    private static Settings read(String file) throws Exception {
        return read(file, Map.of());
    }

    private static Settings read(String file, Map<String, String> environment) throws Exception {
        SettingsReader reader = new SettingsReader();
        Settings settings = reader.read(file, new HashMap<>(environment));
        same(List.of(), reader.problems());
        return settings;
    }

    private static List<String> problemsOf(String file) throws Exception {
        return problemsOf(file, Map.of());
    }

    private static List<String> problemsOf(String file, Map<String, String> environment) throws Exception {
        SettingsReader reader = new SettingsReader();
        same(null, reader.read(file, environment));
        return reader.problems();
    }

    /** The keystore of this run under another password. */
    private static String keystoreWith(String password) throws Exception {
        char[] ours = Files.readString(Path.of(System.getProperty("keystore.password.file"))).strip().toCharArray();
        KeyStore from = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(System.getProperty("keystore")))) {
            from.load(in, ours);
        }
        KeyStore to = KeyStore.getInstance("PKCS12");
        to.load(null, null);
        to.setKeyEntry("gateway", from.getKey("gateway", ours), password.toCharArray(), from.getCertificateChain("gateway"));
        Path file = Files.createTempFile("keys", ".p12");
        file.toFile().deleteOnExit();
        try (OutputStream out = Files.newOutputStream(file)) {
            to.store(out, password.toCharArray());
        }
        return file.toString();
    }

    private static String tokenFile(String text) throws Exception {
        Path file = Files.createTempFile("token", ".txt");
        file.toFile().deleteOnExit();
        return Files.writeString(file, text).toString().replace("\\", "\\\\");
    }
}
