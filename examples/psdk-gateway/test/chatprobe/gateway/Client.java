package chatprobe.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** A gateway on a free port of loopback, and somebody who asks it. */
final class Client implements AutoCloseable {
    static final String TOKEN = "s3cret-word";
    static final Settings.ChatConnection PLAIN = new Settings.ChatConnection("UTF-8", null, Settings.ChatTls.OFF, null);
    static final EspConnection.Maker PSDK = PsdkConnection.maker(PLAIN);

    record Answer(int status, HttpResponse<String> response) {
        ObjectNode json() throws Json.Problem {
            return (ObjectNode) Fixtures.read(response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }
    }

    final Gateway gateway;
    final ByteArrayOutputStream log;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Client(Gateway gateway, ByteArrayOutputStream log) {
        this.gateway = gateway;
        this.log = log;
    }

    /** On the stand-ins. @param chatServers as in the environment. */
    static Client of(String chatServers) throws Exception {
        return of(chatServers, null, 64, PSDK, System::nanoTime);
    }

    /** With short time-outs, for far ends that never answer. */
    static Client impatient(String chatServers) throws Exception {
        return of(chatServers, null, 64, 300, PSDK, System::nanoTime);
    }

    static Client of(String chatServers, String token, int maxConcurrent, EspConnection.Maker maker, LongSupplier nanoClock) throws Exception {
        return of(chatServers, token, maxConcurrent, 60_000, maker, nanoClock);
    }

    static Client of(String chatServers, String token, int maxConcurrent, int requestTimeoutMs, EspConnection.Maker maker, LongSupplier nanoClock) throws Exception {
        Map<String, ChatServerAddress> addresses = new HashMap<>();
        for (String each : chatServers.split(",")) addresses.put(each.split("=")[0], ChatServerAddress.parse(each.split("=")[0], each.split("=")[1]));
        Settings settings = new Settings("127.0.0.1", 0, addresses, token, null, maxConcurrent, requestTimeoutMs, requestTimeoutMs / 2, PLAIN);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        return new Client(Gateway.start(settings, maker, nanoClock, new Log(new PrintStream(log, true, StandardCharsets.UTF_8))), log);
    }

    Answer ask(long referenceId, String appName, String id) throws Exception {
        return post(Json.write(Fixtures.request(referenceId, appName, id)));
    }

    Answer post(String body, String... headers) throws Exception {
        HttpRequest.Builder request = to("/esp").POST(HttpRequest.BodyPublishers.ofString(body)).header("content-type", "application/json");
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(gateway.url() + path));
    }

    Answer send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response);
    }

    /** Connections that are not there are opened when health is asked for, which takes its time on a busy machine. */
    void awaitHealthy() throws Exception {
        Patience.until(() -> send(to("/health")).status() == 200);
    }

    int port() {
        return URI.create(gateway.url()).getPort();
    }

    String logged() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        gateway.stop();
    }
}
