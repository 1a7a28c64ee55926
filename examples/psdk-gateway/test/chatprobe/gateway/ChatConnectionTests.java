package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.genesyslab.platform.commons.protocol.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

/** What the PSDK is told of a connection: character set, ADDP, TLS. */
final class ChatConnectionTests {
    private static final String ID = "\u00fc\u5c71\ud83d\ude00";

    @Test
    void user_data_of_any_characters_arrives_and_comes_back() throws Exception {
        FarEnd farEnd = FarEnds.put("letters.test", FarEnd.chatServer(request -> Answers.response(request)));
        try (Client client = client("letters.test", "")) {
            assertEquals(ID, client.ask(1, "A", ID).json().get("userData").get("InteractionId").textValue());
            assertEquals(ID, Answers.idIn(farEnd.received().get(0)));
        }
    }

    @Test
    void another_character_set_is_the_one_that_strings_travel_in() throws Exception {
        FarEnd farEnd = FarEnds.put("western.test", FarEnd.chatServer(request -> Answers.response(request)));
        try (Client client = client("western.test", "chat.charset=windows-1252")) {
            client.ask(1, "A", ID);
            assertEquals("\u00fc??", Answers.idIn(farEnd.received().get(0)));
        }
    }

    @Test
    void keep_alive_is_on_with_60_and_30_seconds_unless_told_otherwise() throws Exception {
        assertEquals("true 60 30", addp(""));
        assertEquals("true 5 7", addp("chat.addp.client.timeout.s=5\nchat.addp.server.timeout.s=7"));
        assertEquals("null null null", addp("chat.addp=false"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secure", "upgrade"})
    void TLS_begins_as_the_port_wants_it(String mode) throws Exception {
        try (Client client = client(mode + ".stand-in", "chat.tls=" + mode)) {
            assertEquals("Event3rdServerResponse", client.ask(1, "A", Fixtures.LIVE).json().get("messageName").textValue());
        }
    }

    @ParameterizedTest
    @CsvSource({"secure, off", "secure, upgrade", "upgrade, off", "upgrade, secure", "up, secure", "up, upgrade"})
    void TLS_that_does_not_fit_the_port_proves_nothing_504(String port, String mode) throws Exception {
        try (Client client = client(port + ".stand-in", "chat.tls=" + mode)) {
            assertEquals(504, client.ask(1, "A", Fixtures.LIVE).status());
            assertTrue(client.logged().contains("A: cannot be reached: ProtocolException"), client.logged());
        }
    }

    @Test
    void without_TLS_nobody_is_trusted_and_with_it_somebody_is() throws Exception {
        assertNull(endpoint("up.stand-in", "").getSSLContext());
        assertTrue(endpoint("upgrade.stand-in", "chat.tls=upgrade\nchat.tls.ca.file=" + System.getProperty("ca")).getSSLContext() != null, "no context");
    }

    private static String addp(String settings) throws Exception {
        Endpoint endpoint = endpoint("up.stand-in", settings);
        String option = "stand-in.addp";
        return endpoint.getConfiguration().getOption(option) + " " + endpoint.getConfiguration().getOption(option + ".client") + " "
            + endpoint.getConfiguration().getOption(option + ".server");
    }

    /** What a connection to that host is opened with. */
    private static Endpoint endpoint(String host, String settings) throws Exception {
        try (Client client = client(host, settings)) {
            assertEquals(200, client.ask(1, "A", Fixtures.LIVE).status());
            return FarEnds.at(host).connections().iterator().next().getEndpoint();
        }
    }

    private static Client client(String host, String settings) throws Exception {
        SettingsReader reader = new SettingsReader();
        Settings read = reader.read("chat.server.A=" + host + ":1\n" + settings, Map.of());
        assertNull(reader.problems().isEmpty() ? null : reader.problems());
        return Client.of("A=" + host + ":1", null, 8, PsdkConnection.maker(read.chatConnection()), System::nanoTime);
    }
}
