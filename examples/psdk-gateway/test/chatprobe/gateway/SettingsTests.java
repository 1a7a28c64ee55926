package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;


import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @Test
    void one_Chat_Server_is_enough_and_the_rest_has_defaults_on_loopback() throws Exception {
        Settings settings = read(SERVER);
        assertEquals("127.0.0.1:9190", settings.listenHost() + ":" + settings.listenPort());
        assertEquals(Map.of("ChatServer_1", new ChatServerAddress("ChatServer_1", "chat-1.example", 4801)), settings.chatServers());
        assertEquals("UTF-8 60 s/30 s OFF null", settings.chatConnection().charset() + " " + settings.chatConnection().addp() + " "
            + settings.chatConnection().tls() + " " + settings.chatConnection().trust());
        assertEquals("64 10000 3000", settings.maxConcurrent() + " " + settings.requestTimeoutMs() + " " + settings.connectTimeoutMs());
    }

    @Test
    void names_may_hold_spaces_hosts_may_be_IPv6() throws Exception {
        assertEquals(new ChatServerAddress("Chat Server 1", "::1", 4801), read("chat.server.Chat\\ Server\\ 1=[::1]:4801").chatServers().get("Chat Server 1"));
    }

    @Test
    void the_environment_wins_over_the_file() throws Exception {
        Settings settings = read(SERVER + "listen.port=1", Map.of("PSDK_GATEWAY_LISTEN_PORT", "0", "PSDK_GATEWAY_CHAT_SERVERS", "A=a:1, B=b:2", "PATH", "x"));
        assertEquals(0, settings.listenPort());
        assertEquals(List.of("A", "B"), settings.chatServers().keySet().stream().sorted().toList());
    }

    @Test
    void without_a_Chat_Server_there_is_nothing_to_do() throws Exception {
        assertEquals(List.of("chat.server.<name> at least one Chat Server is needed, as in chat.server.ChatServer_1=chat-1.example:4801"), problemsOf(""));
    }

    @Test
    void all_problems_are_told_in_one_go_each_by_its_name() throws Exception {
        assertEquals(List.of("listen.port is given twice", "chat.server. must be the name of a Chat Server and its ESP port, as in name=host:port",
            "chat.server.A must be the name of a Chat Server and its ESP port, as in name=host:port", "listen.prt is not a setting",
            "PSDK_GATEWAY_PORT is not a setting", "listen.port must be a whole number from 0 to 65535", "token.file cannot be read",
            "allow.anonymous must be true or false", "tls.keystore.file and tls.keystore.password.file are needed both, or neither",
            "requests.max.concurrent must be a whole number from 1 to 1000", "connect.timeout.ms (3000) is longer than request.timeout.ms (2000)",
            "chat.addp.client.timeout.s must be a whole number from 1 to 3600", "chat.addp.server.timeout.s must be a whole number from 1 to 3600",
            "chat.addp is false, so that its time-outs mean nothing", "chat.charset must be a character set that Java can write, as UTF-8 or windows-1252",
            "chat.tls.ca.file is given, but chat.tls is off"),
            problemsOf("listen.port=1\nlisten.port=65536\nlisten.prt=1\nchat.server.A=a\nchat.server.=a:1\ntoken.file=no-such-file\nallow.anonymous=yes\n"
                + "tls.keystore.file=x\nrequests.max.concurrent=0\nrequest.timeout.ms=2000\nchat.addp=false\nchat.addp.client.timeout.s=0\nchat.addp.server.timeout.s=1h\n"
                + "chat.tls.ca.file=x\nchat.charset=utf-9", Map.of("PSDK_GATEWAY_PORT", "1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a:", "a:0", "a:65536", ":1", "a b:1", "http://a:1", "[a:1", "user@a:1", "::1:4801"})
    void refuses_the_address(String address) {
        assertNull(ChatServerAddress.parse("A", address));
    }

    @Test
    void beyond_loopback_it_wants_a_token_or_the_word_that_none_is_needed() throws Exception {
        assertEquals(1, problemsOf(SERVER + "listen.host=0.0.0.0").size());
        assertEquals("0.0.0.0", read(SERVER + "listen.host=0.0.0.0\nallow.anonymous=true").listenHost());
        assertEquals("0.0.0.0", read(SERVER + "listen.host=0.0.0.0\ntoken.file=" + tokenFile("t0ken\n")).listenHost());
    }

    @Test
    void a_token_is_one_word_what_it_was_never_shows() throws Exception {
        assertEquals("t0ken", read(SERVER + "token.file=" + tokenFile(" t0ken\r\n")).token());
        assertTrue(!read(SERVER + "token.file=" + tokenFile("t0ken")).toString().contains("t0ken"), "it shows");
        for (String bad : List.of("", "  \n", "two words", "f\u00fcnf", "x".repeat(5_000))) {
            List<String> problems = problemsOf(SERVER + "token.file=" + tokenFile(bad));
            assertEquals(1, problems.size());
            assertTrue(bad.isBlank() || !problems.get(0).contains(bad), "it shows: " + problems);
        }
    }

    @Test
    void a_password_is_one_line_of_ASCII_blanks_and_all() throws Exception {
        String password = " two words ";
        String settings = SERVER + "tls.keystore.file=" + keystoreWith(password) + "\ntls.keystore.password.file=";
        for (String end : List.of("", "\n", "\r\n")) assertEquals(password, read(settings + tokenFile(password + end)).tls().password());
        for (String bad : List.of("", "\n", password + "\nx", "f\u00fcnf"))
            assertEquals(List.of("tls.keystore.password.file must hold one line of ASCII characters"), problemsOf(settings + tokenFile(bad)));
    }

    @Test
    void a_keystore_is_tried_before_anybody_connects() throws Exception {
        String keystore = SERVER + "tls.keystore.file=" + System.getProperty("keystore") + "\ntls.keystore.password.file=";
        Settings settings = read(keystore + System.getProperty("keystore.password.file"));
        assertTrue(settings.tls() != null, "TLS is off");
        assertTrue(!settings.toString().contains(settings.tls().password()), "the password shows");
        assertEquals(List.of("tls.keystore.file cannot be used with that password as a PKCS #12 keystore with a private key"), problemsOf(keystore + tokenFile("wrong")));
    }

    @Test
    void TLS_towards_Chat_Servers_wants_a_mode_and_certificates_that_can_be_read() throws Exception {
        assertTrue(read(SERVER + "chat.tls=upgrade").chatConnection().trust() != null, "the JDK's own authorities are not taken");
        Settings.ChatConnection own = read(SERVER + "chat.tls=secure\nchat.tls.ca.file=" + System.getProperty("ca")).chatConnection();
        assertEquals(Settings.ChatTls.SECURE, own.tls());
        for (String bad : List.of("on", "UPGRADE", "true", "")) assertEquals(List.of("chat.tls must be off, secure or upgrade"), problemsOf(SERVER + "chat.tls=" + bad));
        for (String bad : List.of("no-such-file", tokenFile(""), tokenFile("x"), System.getProperty("keystore")))
            assertEquals(List.of("chat.tls.ca.file cannot be read as certificates in PEM"), problemsOf(SERVER + "chat.tls=upgrade\nchat.tls.ca.file=" + bad));
    }

    @Test
    void a_character_set_is_one_that_Java_can_write() throws Exception {
        assertEquals("windows-1252", read(SERVER + "chat.charset=cp1252").chatConnection().charset());
        for (String bad : List.of("", "no such", "ISO-2022-CN"))
            assertEquals(List.of("chat.charset must be a character set that Java can write, as UTF-8 or windows-1252"), problemsOf(SERVER + "chat.charset=" + bad));
    }

    @Test
    void a_variable_that_the_locale_garbled_is_refused() throws Exception {
        assertEquals(List.of("PSDK_GATEWAY_CHAT_SERVERS holds characters that the locale of this process cannot read: start with LC_ALL=C.UTF-8"),
            problemsOf("", Map.of("PSDK_GATEWAY_CHAT_SERVERS", "Chat_\ufffd\ufffdgypten=a:1")));
    }

    private static Settings read(String file) throws Exception {
        return read(file, Map.of());
    }

    private static Settings read(String file, Map<String, String> environment) throws Exception {
        SettingsReader reader = new SettingsReader();
        Settings settings = reader.read(file, new HashMap<>(environment));
        assertEquals(List.of(), reader.problems());
        return settings;
    }

    private static List<String> problemsOf(String file) throws Exception {
        return problemsOf(file, Map.of());
    }

    private static List<String> problemsOf(String file, Map<String, String> environment) throws Exception {
        SettingsReader reader = new SettingsReader();
        assertNull(reader.read(file, environment));
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
