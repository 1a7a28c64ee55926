package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;


import com.fasterxml.jackson.databind.node.NullNode;
import org.junit.jupiter.api.Test;
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
    @Test
    void other_paths_are_404_other_methods_405_each_as_a_short_JSON_problem() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1")) {
            for (String path : List.of("/", "/espresso", "/esp/", "/health/x", "/ESP")) assertEquals(404, client.send(client.to(path)).status());
            Client.Answer get = client.send(client.to("/esp"));
            assertEquals("405 POST application/json", get.status() + " " + get.header("allow") + " " + get.header("content-type"));
            assertTrue(get.json().get("error").isTextual(), get.response().body());
            assertEquals(405, client.send(client.to("/health").POST(HttpRequest.BodyPublishers.noBody())).status());
            assertEquals(405, client.send(client.to("/health").method("HEAD", HttpRequest.BodyPublishers.noBody())).status());
        }
    }

    @Test
    void a_body_that_is_no_JSON_or_no_request_is_400_of_another_type_415() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1")) {
            for (String body : List.of("", "{", "[]", "{}", "null", "\"Request3rdServer\"")) assertEquals(400, client.post(body).status());
            assertEquals(415, client.send(client.to("/esp").POST(HttpRequest.BodyPublishers.ofString("{}"))).status());
            assertEquals(415, client.send(client.to("/esp").POST(HttpRequest.BodyPublishers.ofString("{}")).header("content-type", "text/plain")).status());
        }
    }

    @Test
    void a_body_of_64_KiB_is_read_a_larger_one_is_413_and_the_gateway_lives_on() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1")) {
            String message = Json.write(Fixtures.request(1, "A", Fixtures.LIVE));
            assertEquals(200, client.post(message + " ".repeat(RequestBody.MAX_BYTES - message.length())).status());
            assertEquals(413, client.post(message + " ".repeat(RequestBody.MAX_BYTES - message.length() + 1)).status());
            assertEquals(413, client.post(" ".repeat(1_000_000)).status());
            assertEquals(200, client.post(message).status());
        }
    }

    @Test
    void without_the_token_401_with_a_wrong_one_403_on_every_path_with_it_in() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 8, Client.PSDK, System::nanoTime)) {
            String message = Json.write(Fixtures.request(1, "A", Fixtures.LIVE));
            assertEquals("401 Bearer", client.post(message).status() + " " + client.post(message).header("www-authenticate"));
            for (String path : List.of("/health", "/x")) assertEquals(401, client.send(client.to(path)).status());
            assertEquals(401, client.post(message, "authorization", "Basic " + Client.TOKEN).status());
            for (String wrong : List.of("x", Client.TOKEN + "x", Client.TOKEN.substring(1), Client.TOKEN.toUpperCase(java.util.Locale.ROOT)))
                assertEquals(403, client.post(message, "authorization", "Bearer " + wrong + " ").status());
            assertEquals(401, client.post(message, "authorization", "Bearer " + Client.TOKEN, "authorization", "Bearer x").status());
            assertEquals(200, client.post(message, "authorization", "bearer " + Client.TOKEN).status());
            assertEquals(200, client.send(client.to("/health").header("authorization", "Bearer " + Client.TOKEN)).status());
        }
    }

    @Test
    void a_deadline_that_is_no_number_of_milliseconds_is_400() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1")) {
            String message = Json.write(Fixtures.request(1, "A", Fixtures.LIVE));
            for (String bad : List.of("x", "-1", "1.5", "1e3", "9999999999")) assertEquals(400, client.post(message, "x-deadline-ms", bad).status());
            assertEquals(400, client.post(message, "x-deadline-ms", "1000", "x-deadline-ms", "2000").status());
        }
    }

    @Test
    void a_connection_carries_one_request_after_the_other() throws Exception {
        try (Client client = Client.of("A=up.stand-in:1"); Socket socket = new Socket("127.0.0.1", client.port())) {
            socket.setSoTimeout(60_000);
            for (long i = 1; i < 4; i++) {
                byte[] body = Json.write(Fixtures.request(i, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
                socket.getOutputStream().write(RawHttp.head(body.length, ""));
                socket.getOutputStream().write(body);
                String answer = RawHttp.answer(socket.getInputStream());
                assertTrue(answer.startsWith("HTTP/1.1 200") && answer.contains("\"referenceId\":" + i + ","), answer);
            }
        }
    }

    @Test
    void neither_ids_nor_user_data_nor_the_token_get_into_the_log() throws Exception {
        Client client = Client.of("A=up.stand-in:1", Client.TOKEN, 8, Client.PSDK, System::nanoTime);
        try (client) {
            String[] in = {"authorization", "Bearer " + Client.TOKEN};
            client.post(Json.write(Fixtures.request(1, "A", Fixtures.LIVE)), in);
            client.post(Json.write(Fixtures.with(Fixtures.request(1, "A", Fixtures.LIVE), Fixtures.DEAD, NullNode.instance)), in);
            client.post(Json.write(Fixtures.request(1, "Strange\nname", Fixtures.LIVE)), in);
            client.post("{\"" + Fixtures.LIVE, in);
            client.post("{}", "authorization", "Bearer wrong-word");
        }
        assertEquals(5, client.logged().split("answered", -1).length - 1);
        for (String secret : List.of(Client.TOKEN, "wrong-word", Fixtures.LIVE, Fixtures.DEAD, "Strange", "[probe]"))
            assertTrue(!client.logged().contains(secret), client.logged());
    }

    @Test
    void a_message_is_logged_though_its_caller_has_hung_up() throws Exception {
        FarEnd farEnd = FarEnds.put("hung-up.test", FarEnd.chatServer(Answers.session()));
        farEnd.hold();
        try (Client client = Client.of("A=hung-up.test:1")) {
            try (Socket socket = new Socket("127.0.0.1", client.port())) {
                byte[] body = Json.write(Fixtures.request(1, "A", Fixtures.LIVE)).getBytes(StandardCharsets.UTF_8);
                socket.getOutputStream().write(RawHttp.head(body.length, ""));
                socket.getOutputStream().write(body);
                Patience.until(() -> farEnd.received().size() == 1);
                socket.setSoLinger(true, 0); // a reset: whatever is written then fails
            }
            farEnd.release();
            Patience.until(() -> client.logged().contains("response from A"));
        }
    }

    @Test
    void log_whatever_a_name_holds_a_line_stays_one_line() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Log(new PrintStream(out, true, StandardCharsets.UTF_8)).info("%s: connected", "A\r\n2026 INFO B");
        assertEquals(1L, out.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void with_a_keystore_it_speaks_TLS_and_nothing_older_than_1_2() throws Exception {
        Settings.TlsKeys keys = new Settings.TlsKeys(System.getProperty("keystore"), Files.readString(Path.of(System.getProperty("keystore.password.file"))).strip());
        Settings settings = new Settings("127.0.0.1", 0, Map.of("A", new ChatServerAddress("A", "up.stand-in", 1)), null, keys, 8, 1_000, 500, Client.PLAIN);
        Gateway gateway = Gateway.start(settings, Client.PSDK, System::nanoTime, new Log(new PrintStream(PrintStream.nullOutputStream())));
        try {
            HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trusting(keys)).build();
            assertTrue(gateway.url().startsWith("https://"), gateway.url());
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(gateway.url() + "/x")).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(404, answer.statusCode());
            assertTrue(List.of("TLSv1.2", "TLSv1.3").contains(answer.sslSession().orElseThrow().getProtocol()), "protocol");
        } finally {
            gateway.stop();
        }
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
