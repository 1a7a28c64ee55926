package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway in a process of its own, since the JVM goes by the locale that it was started in. */
final class LocaleTests {
    private static final String TEXT = "\u00fc\u5c71\ud83d\ude00";

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void user_data_keeps_its_characters_in_any_locale(String locale) throws Exception {
        Path said = Files.createTempFile("said", ".log");
        Process gateway = start(locale, said, "PSDK_GATEWAY_LISTEN_PORT=0", "PSDK_GATEWAY_CHAT_SERVERS=A=up.stand-in:1");
        try (BufferedReader out = gateway.inputReader(StandardCharsets.UTF_8)) {
            String url = out.readLine().replace("listening on ", "");
            String message = Json.write(Fixtures.with(Fixtures.request(1, "A", Fixtures.LIVE), "userData",
                Json.object().put("InteractionId", Fixtures.LIVE).put(TEXT, TEXT)));
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/esp")).header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(message, StandardCharsets.UTF_8)).build();
            HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(TEXT, Fixtures.read(answer.body()).get("userData").path(TEXT).textValue(), answer.body());
            // What is not ours may still go by the locale, so the operator is told how to set it.
            assertEquals(!locale.equals("C.UTF-8"), Files.readString(said).contains(Main.LOCALE_REMEDY), Files.readString(said));
        } finally {
            gateway.destroy();
            assertTrue(gateway.waitFor(60, TimeUnit.SECONDS), "it does not stop");
            Files.delete(said);
        }
    }

    @Test
    void a_name_that_the_locale_cannot_read_is_refused_at_the_start() throws Exception {
        Path said = Files.createTempFile("said", ".log");
        // This process's own locale may not be able to hand the name on: the shell makes it of its bytes.
        Process gateway = start("C", said, "PSDK_GATEWAY_CHAT_SERVERS=Chat_\\303\\204gypten=up.stand-in:1");
        assertEquals(78, gateway.waitFor());
        assertTrue(Files.readAllLines(said).contains("PSDK_GATEWAY_CHAT_SERVERS holds characters that the locale of this process cannot read: " + Main.LOCALE_REMEDY),
            Files.readString(said));
        Files.delete(said);
    }

    private static Process start(String locale, Path err, String... environment) throws Exception {
        List<String> assignments = Arrays.stream(environment).map(each -> "\"$(printf '" + each + "')\"").toList();
        String java = ProcessHandle.current().info().command().orElse("java");
        ProcessBuilder process = new ProcessBuilder("sh", "-c", "exec env " + String.join(" ", assignments) + " \"$0\" -cp \"$1\" chatprobe.gateway.Main",
            java, System.getProperty("java.class.path"));
        process.environment().put("LC_ALL", locale);
        process.redirectError(err.toFile());
        Process started = process.start();
        started.getOutputStream().close();
        return started;
    }
}
