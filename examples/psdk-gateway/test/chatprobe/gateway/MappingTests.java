package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import com.fasterxml.jackson.databind.node.ObjectNode;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerFault;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerResponse;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

/** From HTTP through the PSDK's classes (stand-ins) and back. */
final class MappingTests {
    @Test
    void a_live_session_is_the_contract_s_delivered_message() throws Exception {
        ObjectNode answer = answerFrom(FarEnd.chatServer(Answers.session()), Fixtures.LIVE);
        assertEquals(Fixtures.message("delivered").get("request"), answer.get("request"));
        assertEquals("Event3rdServerResponse", answer.get("messageName").textValue());
        assertEquals(Fixtures.LIVE, ((ObjectNode) answer.get("userData")).get("InteractionId").textValue());
    }

    @Test
    void a_lost_session_is_the_contract_s_fault_100_its_code_a_string() throws Exception {
        assertEquals(Fixtures.message("sessionNotFound"), answerFrom(FarEnd.chatServer(Answers.session()), Fixtures.DEAD));
    }

    @Test
    void a_fault_code_that_came_as_a_number_goes_as_a_string() throws Exception {
        KeyValueCollection parameters = new KeyValueCollection();
        parameters.addInt("FaultCode", 100);
        parameters.addString("FaultString", "interaction with specified id was not found");
        KeyValueCollection frame = Answers.frame();
        frame.addList("Parameters", parameters);
        assertEquals(Fixtures.message("sessionNotFound"), answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerFault.create(frame))), Fixtures.DEAD));
    }

    @Test
    void an_unknown_fault_goes_as_it_came() throws Exception {
        assertEquals(Fixtures.message("unrecognisedFault"), answerFrom(FarEnd.chatServer(Answers.same(Answers.fault("999", "something undocumented"))), Fixtures.DEAD));
    }

    @Test
    void a_fault_without_attributes_stays_a_fault() throws Exception {
        assertEquals("{\"messageName\":\"Event3rdServerFault\",\"referenceId\":7}",
            Json.write(answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerFault.create(null))), Fixtures.DEAD)));
    }

    @Test
    void a_refused_connection_is_the_contract_s_Not_found_by_name() throws Exception {
        try (Client client = Client.of("ChatServer_1=down.stand-in:4801")) {
            assertEquals(Fixtures.message("chatServerNotFoundByName"), client.ask(7, "ChatServer_1", Fixtures.DEAD).json());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unreachable.stand-in", "timing-out.stand-in", "no-such-host.stand-in", "silent.stand-in", "hanging.stand-in"})
    void a_Chat_Server_that_cannot_be_asked_proves_nothing_504(String host) throws Exception {
        try (Client client = Client.impatient("ChatServer_1=" + host + ":4801")) {
            assertEquals(504, client.ask(7, "ChatServer_1", Fixtures.DEAD).status());
        }
    }

    @Test
    void a_name_without_configuration_is_422_and_nobody_is_asked() throws Exception {
        FarEnd farEnd = FarEnds.put("named.test", FarEnd.chatServer(Answers.session()));
        try (Client client = Client.of("ChatServer_1=named.test:4801")) {
            assertEquals(422, client.ask(7, "chatserver_1", Fixtures.LIVE).status());
        }
        assertEquals(0, farEnd.received().size());
    }

    @Test
    void a_message_that_is_no_reply_is_502() throws Exception {
        try (Client client = Client.of("ChatServer_1=odd.stand-in:4801")) {
            assertEquals(502, client.ask(7, "ChatServer_1", Fixtures.DEAD).status());
        }
    }

    @Test
    void the_Chat_Server_gets_user_data_as_it_came_and_the_request_with_the_version_of_the_protocol() throws Exception {
        FarEnd farEnd = FarEnds.put("mapped.test", FarEnd.chatServer(Answers.session()));
        ObjectNode message = Fixtures.request(7, "ChatServer_1", Fixtures.LIVE);
        ObjectNode sent = Fixtures.with(message, "userData", Fixtures.read(
            "{\"InteractionId\":\"x\",\"n\":-2147483648,\"big\":2147483648,\"part\":1.50,\"huge\":1e400,\"in\":{\"\u5c71\":\"\"}}"));
        try (Client client = Client.of("ChatServer_1=mapped.test:4801")) {
            assertEquals(200, client.post(Json.write(sent)).status());
        }
        assertEquals(Fixtures.with((ObjectNode) message.get("request"), "Version", "1.0"), PsdkLists.jsonOf(farEnd.received().get(0).getRequest()));
        assertEquals("{\"InteractionId\":\"x\",\"n\":-2147483648,\"big\":\"2147483648\",\"part\":\"1.50\",\"huge\":\"1E+400\",\"in\":{\"\\u5C71\":\"\"}}",
            Json.write(PsdkLists.jsonOf(farEnd.received().get(0).getUserData())));
    }

    @Test
    void a_list_shows_strings_numbers_and_lists_what_it_cannot_show_is_an_empty_list_of_no_key_or_value_nothing() throws Exception {
        KeyValueCollection list = new KeyValueCollection();
        list.addString("a", "1");
        list.addBinary("b", new byte[] {1});
        list.addString("a", "1");
        list.addString("c", null);
        list.addString(null, "3");
        assertEquals("{\"a\":\"1\",\"b\":[]}", Json.write(PsdkLists.jsonOf(list)));
    }

    @Test
    void a_key_given_twice_with_different_values_shows_both_so_that_nobody_takes_one_for_the_other() throws Exception {
        KeyValueCollection list = new KeyValueCollection();
        list.addString("a", "1");
        list.addInt("a", 1);
        list.addString("a", "2");
        assertEquals("{\"a\":[[\"1\",1],\"2\"]}", Json.write(PsdkLists.jsonOf(list)));
    }

    @Test
    void a_response_that_carries_the_code_of_a_fault_is_handed_on_with_it_as_a_string() throws Exception {
        KeyValueCollection parameters = new KeyValueCollection();
        parameters.addInt("FaultCode", 100);
        KeyValueCollection frame = Answers.frame();
        frame.addList("Parameters", parameters);
        ObjectNode answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
        assertEquals("Event3rdServerResponse", answer.get("messageName").textValue());
        assertEquals("100", ((ObjectNode) ((ObjectNode) answer.get("request")).get("Parameters")).get("FaultCode").textValue());
    }

    @Test
    void the_code_of_a_fault_that_cannot_be_told_does_not_pass_for_absent_in_a_reply_of_any_size() throws Exception {
        for (String filling : new String[] {"", "x".repeat(70_000)}) {
            KeyValueCollection parameters = new KeyValueCollection();
            parameters.addBinary("FaultCode", new byte[] {1});
            KeyValueCollection frame = Answers.frame();
            frame.addList("Parameters", parameters);
            frame.addString("Filling", filling);
            ObjectNode answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
            assertEquals("{\"FaultCode\":[]}", Json.write(((ObjectNode) answer.get("request")).get("Parameters")));
        }
    }

    @Test
    void parameters_given_twice_do_not_pass_for_absent_in_a_reply_of_any_size() throws Exception {
        for (String filling : new String[] {"", "x".repeat(70_000)}) {
            KeyValueCollection parameters = new KeyValueCollection();
            parameters.addString("FaultCode", "100");
            KeyValueCollection frame = Answers.frame();
            frame.addList("Parameters", parameters);
            frame.addList("Parameters", new KeyValueCollection());
            frame.addString("Filling", filling);
            ObjectNode answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
            assertTrue(((ObjectNode) answer.get("request")).get("Parameters").isArray(), "they pass for one");
        }
    }

    @Test
    void a_reply_with_more_than_fits_keeps_what_the_verdict_rests_on() throws Exception {
        ObjectNode parameters = Json.object().put("FaultCode", "100").put("FaultString", "x".repeat(70_000));
        ObjectNode request = Json.object().put("Service", "Chat").set("Parameters", parameters);
        String answer = ReplyJson.answer(4294967295L, new EspReply(EspReply.Kind.FAULT, request, request));
        assertTrue(answer.length() <= ReplyJson.MAX_CHARACTERS, "it has " + answer.length() + " characters");
        ObjectNode read = (ObjectNode) Fixtures.read(answer);
        assertEquals(4294967295L, read.get("referenceId").longValue());
        assertEquals("100", ((ObjectNode) ((ObjectNode) read.get("request")).get("Parameters")).get("FaultCode").textValue());
    }

    private static ObjectNode answerFrom(FarEnd farEnd, String id) throws Exception {
        FarEnds.put("mapping.test", farEnd);
        try (Client client = Client.of("ChatServer_1=mapping.test:4801")) {
            Client.Answer answer = client.ask(7, "ChatServer_1", id);
            assertEquals(200, answer.status());
            assertEquals("application/json", answer.header("content-type"));
            return answer.json();
        }
    }
}
