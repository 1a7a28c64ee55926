package chatprobe.gateway;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;

/**
 * Reads the configuration from a properties file and the environment, which wins, and notes every problem, each naming the
 * setting. A name that is not known is one too: it is a typo.
 */
final class SettingsReader {
    static final String ENV_PREFIX = "PSDK_GATEWAY_";
    /** One property for each Chat Server, the name after the dot; together in one variable of the environment. */
    private static final String CHAT_SERVER = "chat.server.";
    private static final String CHAT_SERVERS_ENV = ENV_PREFIX + "CHAT_SERVERS";
    private static final Set<String> SETTINGS = Set.of(
        "listen.host", "listen.port", "token.file", "allow.anonymous", "tls.keystore.file", "tls.keystore.password.file",
        "requests.max.concurrent", "request.timeout.ms", "connect.timeout.ms",
        "chat.charset", "chat.addp", "chat.addp.client.timeout.s", "chat.addp.server.timeout.s", "chat.tls", "chat.tls.ca.file");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1", "localhost");

    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> given = new TreeMap<>();
    private final Map<String, ChatServerAddress> chatServers = new LinkedHashMap<>();
    private boolean chatServersGiven;

    List<String> problems() {
        return problems;
    }

    /**
     * @param file the text of the properties file, empty if there is none.
     * @return the settings, null if there are problems.
     */
    Settings read(String file, Map<String, String> environment) {
        takeProperties(file);
        takeEnvironment(environment);
        if (!chatServersGiven) refuse("chat.server.<name>", "at least one Chat Server is needed, as in chat.server.ChatServer_1=chat-1.example:4801");

        String host = given.getOrDefault("listen.host", "127.0.0.1");
        int port = number("listen.port", 9190, 0, 65_535);
        String token = secret("token.file", SecretFile::word);
        boolean anonymous = flag("allow.anonymous", false);
        if (!LOOPBACK.contains(host) && !given.containsKey("token.file") && !anonymous)
            refuse("listen.host", host + " is not loopback: set token.file, or allow.anonymous=true if a network policy guards the gateway");
        Settings.TlsKeys tls = tls();
        int maxConcurrent = number("requests.max.concurrent", 64, 1, 1_000);
        int requestTimeoutMs = number("request.timeout.ms", 10_000, 100, 60_000);
        int connectTimeoutMs = number("connect.timeout.ms", 3_000, 100, 60_000);
        if (connectTimeoutMs > requestTimeoutMs)
            refuse("connect.timeout.ms", "(" + connectTimeoutMs + ") is longer than request.timeout.ms (" + requestTimeoutMs + ")");
        Settings.ChatConnection chatConnection = chatConnection();
        if (!problems.isEmpty()) return null;
        return new Settings(host, port, chatServers, token, tls, maxConcurrent, requestTimeoutMs, connectTimeoutMs, chatConnection);
    }

    private void takeProperties(String file) {
        List<String> twice = new ArrayList<>();
        Properties properties = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                if (containsKey(key)) twice.add(key.toString());
                return super.put(key, value);
            }
        };
        try {
            properties.load(new StringReader(file));
        } catch (IOException | IllegalArgumentException malformed) {
            refuse("the file", "is not a properties file: a wrong \\u escape");
        }
        twice.forEach(key -> refuse(key, "is given twice"));
        for (String key : new java.util.TreeSet<>(properties.stringPropertyNames())) {
            String value = properties.getProperty(key).strip();
            if (key.startsWith(CHAT_SERVER)) takeChatServer(key, key.substring(CHAT_SERVER.length()), value);
            else if (SETTINGS.contains(key)) given.put(key, value);
            else refuse(key, "is not a setting");
        }
    }

    private void takeEnvironment(Map<String, String> environment) {
        new TreeMap<>(environment).forEach((variable, value) -> {
            if (!variable.startsWith(ENV_PREFIX)) return;
            if (value.indexOf('\ufffd') >= 0) refuse(variable, "holds characters that the locale of this process cannot read: " + Main.LOCALE_REMEDY);
            String key = variable.substring(ENV_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
            if (variable.equals(CHAT_SERVERS_ENV)) takeChatServers(value);
            else if (SETTINGS.contains(key)) given.put(key, value.strip());
            else refuse(variable, "is not a setting");
        });
    }

    /** The whole list takes the place of the file's. */
    private void takeChatServers(String list) {
        chatServers.clear();
        for (String entry : list.split(",", -1)) {
            int equals = entry.indexOf('=');
            String name = entry.substring(0, Math.max(0, equals)).strip();
            if (chatServers.containsKey(name)) refuse(CHAT_SERVERS_ENV, "names " + name + " twice");
            else takeChatServer(CHAT_SERVERS_ENV, name, entry.substring(equals + 1).strip());
        }
    }

    private void takeChatServer(String setting, String name, String hostAndPort) {
        chatServersGiven = true;
        ChatServerAddress address = ChatServerAddress.parse(name, hostAndPort);
        if (name.isBlank() || address == null) refuse(setting, "must be the name of a Chat Server and its ESP port, as in name=host:port");
        else chatServers.put(name, address);
    }

    private Settings.TlsKeys tls() {
        String keystore = given.get("tls.keystore.file");
        String passwordFile = given.get("tls.keystore.password.file");
        if (keystore == null && passwordFile == null) return null;
        if (keystore == null || passwordFile == null) {
            refuse("tls.keystore.file and tls.keystore.password.file", "are needed both, or neither");
            return null;
        }
        Settings.TlsKeys keys = new Settings.TlsKeys(keystore, secret("tls.keystore.password.file", SecretFile::line));
        if (keys.password() == null) return null;
        try {
            Tls.contextOf(keys);
        } catch (Exception unusable) {
            // Its text may quote what it read.
            refuse("tls.keystore.file", "cannot be used with that password as a PKCS #12 keystore with a private key");
        }
        return keys;
    }

    private Settings.ChatConnection chatConnection() {
        boolean useAddp = flag("chat.addp", true);
        Settings.Addp addp = new Settings.Addp(number("chat.addp.client.timeout.s", 60, 1, 3_600), number("chat.addp.server.timeout.s", 30, 1, 3_600));
        if (!useAddp && (given.containsKey("chat.addp.client.timeout.s") || given.containsKey("chat.addp.server.timeout.s")))
            refuse("chat.addp", "is false, so that its time-outs mean nothing");
        Settings.ChatTls mode = chatTls();
        return new Settings.ChatConnection(charset(), useAddp ? addp : null, mode, chatTrust(mode));
    }

    private String charset() {
        String name = given.getOrDefault("chat.charset", "UTF-8");
        try {
            if (Charset.forName(name).canEncode()) return Charset.forName(name).name();
        } catch (IllegalArgumentException unknown) {
            // Told below, as one that cannot be written.
        }
        refuse("chat.charset", "must be a character set that Java can write, as UTF-8 or windows-1252");
        return null;
    }

    private Settings.ChatTls chatTls() {
        String mode = given.getOrDefault("chat.tls", "off");
        for (Settings.ChatTls each : Settings.ChatTls.values()) if (each.name().toLowerCase(Locale.ROOT).equals(mode)) return each;
        refuse("chat.tls", "must be off, secure or upgrade");
        return null;
    }

    /** @param mode null if it is not known, which has been told. */
    private SSLContext chatTrust(Settings.ChatTls mode) {
        String file = given.get("chat.tls.ca.file");
        if (mode == Settings.ChatTls.OFF && file != null) refuse("chat.tls.ca.file", "is given, but chat.tls is off");
        if (mode == null || mode == Settings.ChatTls.OFF) return null;
        try {
            return Tls.trusting(file);
        } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
            refuse("chat.tls.ca.file", "cannot be read as certificates in PEM");
            return null;
        }
    }

    private String secret(String key, SecretFile.Form form) {
        String file = given.get(key);
        if (file == null) return null;
        try {
            return form.read(file);
        } catch (IOException | RuntimeException unreadable) {
            refuse(key, unreadable instanceof IOException ? unreadable.getMessage() : "cannot be read");
            return null;
        }
    }

    private int number(String key, int preset, int least, int most) {
        String text = given.get(key);
        if (text == null) return preset;
        if (text.matches("\\d{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) return Integer.parseInt(text);
        refuse(key, "must be a whole number from " + least + " to " + most);
        return preset;
    }

    private boolean flag(String key, boolean preset) {
        String text = given.getOrDefault(key, String.valueOf(preset));
        if (!text.equals("true") && !text.equals("false")) refuse(key, "must be true or false");
        return text.equals("true");
    }

    private void refuse(String setting, String rule) {
        problems.add(setting + " " + rule);
    }
}
