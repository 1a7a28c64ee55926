package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

final class HttpTests {
    private HttpTests() {}

    static void addTo(Tests tests) {
        tests.test("HTTP: other paths are 404, other methods 405, each as a short JSON problem", () -> {
            try (Client client = Client.of("A=up.stand-in:1")) {
                for (String path : List.of("/", "/espresso", "/esp/", "/health/x", "/ESP")) same(404, client.send(client.to(path)).status());
                Client.Answer get = client.send(client.to("/esp"));
                same("405 POST application/json", get.status() + " " + get.header("allow") + " " + get.header("content-type"));
                holds(get.json().get("error") instanceof Json.Text, get.response().body());
                same(405, client.send(client.to("/health").POST(HttpRequest.BodyPublishers.noBody())).status());
                same(405, client.send(client.to("/health").method("HEAD", HttpRequest.BodyPublishers.noBody())).status());
            }
        });
        tests.test("HTTP: a body that is no JSON, or no request, is 400; of another type, 415", () -> {
            try (Client client = Client.of("A=up.stand-in:1")) {
                for (String body : List.of("", "{", "[]", "{}", "null", "\"Request3rdServer\"")) same(400, client.post(body).status());
                same(415, client.send(client.to("/esp").POST(HttpRequest.BodyPublishers.ofString("{}"))).status());
                same(415, client.send(client.to("/esp").POST(HttpRequest.BodyPublishers.ofString("{}")).header("content-type", "text/plain")).status());
            }
        });
        tests.test("HTTP: a body of 64 KiB is read, a larger one is 413, and the gateway lives on", () -> {
            try (Client client = Client.of("A=up.stand-in:1")) {
                String message = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE));
                same(200, client.post(message + " ".repeat(RequestBody.MAX_BYTES - message.length())).status());
                same(413, client.post(message + " ".repeat(RequestBody.MAX_BYTES - message.length() + 1)).status());
                same(413, client.post(" ".repeat(1_000_000)).status());
                same(200, client.post(message).status());
            }
        });
        tests.test("HTTP: without the token 401, with a wrong one 403, on every path; with it in", () -> {
            try (Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 8, PsdkConnection::new, System::nanoTime)) {
                String message = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE));
                same("401 Bearer", client.post(message).status() + " " + client.post(message).header("www-authenticate"));
                for (String path : List.of("/health", "/x")) same(401, client.send(client.to(path)).status());
                same(401, client.post(message, "authorization", "Basic " + Client.TOKEN).status());
                for (String wrong : List.of("x", Client.TOKEN + "x", Client.TOKEN.substring(1), Client.TOKEN.toUpperCase(java.util.Locale.ROOT)))
                    same(403, client.post(message, "authorization", "Bearer " + wrong + " ").status());
                same(401, client.post(message, "authorization", "Bearer " + Client.TOKEN, "authorization", "Bearer x").status());
                same(200, client.post(message, "authorization", "bearer " + Client.TOKEN).status());
                same(200, client.send(client.to("/health").header("authorization", "Bearer " + Client.TOKEN)).status());
            }
        });
        tests.test("HTTP: a deadline that is no number of milliseconds is 400", () -> {
            try (Client client = Client.of("A=up.stand-in:1")) {
                String message = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE));
                for (String bad : List.of("x", "-1", "1.5", "1e3", "9999999999")) same(400, client.post(message, "x-deadline-ms", bad).status());
                same(400, client.post(message, "x-deadline-ms", "1000", "x-deadline-ms", "2000").status());
            }
        });
        tests.test("HTTP: a connection carries one request after the other", () -> {
            try (Client client = Client.of("A=up.stand-in:1"); Socket socket = new Socket("127.0.0.1", client.port())) {
                socket.setSoTimeout(60_000);
                for (long i = 1; i < 4; i++) {
                    byte[] body = JsonWriter.write(Fixtures.request(i, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
                    socket.getOutputStream().write(RawHttp.head(body.length, ""));
                    socket.getOutputStream().write(body);
                    String answer = RawHttp.answer(socket.getInputStream());
                    holds(answer.startsWith("HTTP/1.1 200") && answer.contains("\"referenceId\":" + i + ","), answer);
                }
            }
        });
        tests.test("HTTP: neither ids nor user data nor the token get into the log", () -> {
            Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 8, PsdkConnection::new, System::nanoTime);
            try (client) {
                String[] in = {"authorization", "Bearer " + Client.TOKEN};
                client.post(JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE)), in);
                client.post(JsonWriter.write(Fixtures.with(Fixtures.request(1, "A", Fixtures.LIVE), Fixtures.DEAD, new Json.Null())), in);
                client.post(JsonWriter.write(Fixtures.request(1, "Strange\nname", Fixtures.LIVE)), in);
                client.post("{\"" + Fixtures.LIVE, in);
                client.post("{}", "authorization", "Bearer wrong-word");
            }
            same(5, client.logged().split("answered", -1).length - 1);
            for (String secret : List.of(Client.TOKEN, "wrong-word", Fixtures.LIVE, Fixtures.DEAD, "Strange", "[probe]"))
                holds(!client.logged().contains(secret), client.logged());
        });
        tests.test("HTTP: a message is logged, though its caller has hung up", () -> {
            FarEnd farEnd = FarEnds.put("hung-up.test", FarEnd.chatServer(Answers.session()));
            farEnd.hold();
            try (Client client = Client.of("A=hung-up.test:1")) {
                try (Socket socket = new Socket("127.0.0.1", client.port())) {
                    byte[] body = JsonWriter.write(Fixtures.request(1, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
                    socket.getOutputStream().write(RawHttp.head(body.length, ""));
                    socket.getOutputStream().write(body);
                    Tests.comes(() -> farEnd.received().size() == 1);
                    socket.setSoLinger(true, 0); // a reset: whatever is written then fails
                }
                farEnd.release();
                Tests.comes(() -> client.logged().contains("response from A"));
            }
        });
        tests.test("log: whatever a name holds, a line stays one line", () -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new Log(new PrintStream(out, true, StandardCharsets.UTF_8)).info("%s: connected", "A\r\n2026 INFO B");
            same(1L, out.toString(StandardCharsets.UTF_8).lines().count());
        });
        tests.test("HTTP: with a keystore it speaks TLS, and nothing older than 1.2", () -> {
            Settings.TlsKeys keys = new Settings.TlsKeys(System.getProperty("keystore"), Files.readString(Path.of(System.getProperty("keystore.password.file"))).strip());
            Settings settings = new Settings("127.0.0.1", 0, Map.of("A", new ChatServerAddress("A", "up.stand-in", 1)), null, keys, 8, 1_000, 500);
            Gateway gateway = Gateway.start(settings, PsdkConnection::new, System::nanoTime, new Log(new PrintStream(PrintStream.nullOutputStream())));
            try {
                HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trusting(keys)).build();
                holds(gateway.url().startsWith("https://"), gateway.url());
                HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(gateway.url() + "/x")).build(), HttpResponse.BodyHandlers.ofString());
                same(404, answer.statusCode());
                holds(List.of("TLSv1.2", "TLSv1.3").contains(answer.sslSession().orElseThrow().getProtocol()), "protocol");
            } finally {
                gateway.stop();
            }
        });
    }

    private static SSLContext trusting(Settings.TlsKeys keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(Path.of(keys.keystoreFile()))) {
            store.load(file, keys.password().toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("gateway", store.getCertificate(store.aliases().nextElement()));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
