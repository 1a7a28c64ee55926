package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import static chatprobe.gateway.Fixtures.with;
import static chatprobe.gateway.Fixtures.without;

import java.util.List;

final class RequestTests {
    @Test
    void the_contract_s_own_is_sound() throws Exception {
        EspRequest request = new EspRequestReader().read(Fixtures.message("request"));
        assertEquals(7L, request.referenceId());
        assertEquals("ChatServer_1", request.appName());
    }

    @Test
    void appName_Visibility_and_MessageType_may_be_absent_or_given() throws Exception {
        assertEquals(List.of(), problemsOf(changed("request", without(part("request"), "AppName"))));
        assertEquals(List.of(), problemsOf(withParameters(without(parameters(), "Visibility"))));
        assertEquals(List.of(), problemsOf(withParameters(with(parameters(), "MessageType", "text"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2147483648", "4294967295"})
    void takes_the_reference_id(String id) throws Exception {
        assertEquals(List.of(), problemsOf(changed("referenceId", Fixtures.read(id))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "4294967296", "1.0", "1e3", "99999999999999999999", "1e400", "\"1\""})
    void refuses_the_reference_id(String id) throws Exception {
        assertEquals(List.of("referenceId must be a whole number from 1 to 4294967295"), problemsOf(changed("referenceId", Fixtures.read(id))));
    }

    @Test
    void refuses_another_message_service_method_type_of_application_visibility() throws Exception {
        String other = "Other";
        assertEquals(List.of("messageName must be one of [Request3rdServer]"), problemsOf(changed("messageName", TextNode.valueOf(other))));
        assertEquals(List.of("request.AppType must be one of [ChatServer]"), problemsOf(changed("request", with(part("request"), "AppType", other))));
        assertEquals(List.of("request.Service must be one of [Chat]"), problemsOf(changed("request", with(part("request"), "Service", other))));
        assertEquals(List.of("request.Method must be one of [Message]"), problemsOf(changed("request", with(part("request"), "Method", other))));
        assertEquals(List.of("request.Parameters.Visibility must be one of [ALL, INT, VIP]"), problemsOf(withParameters(with(parameters(), "Visibility", other))));
    }

    @Test
    void refuses_attributes_that_the_contract_does_not_have() throws Exception {
        assertEquals(List.of("body has an unknown attribute"), problemsOf(changed("extra", NullNode.instance)));
        assertEquals(List.of("request has an unknown attribute"), problemsOf(changed("request", with(part("request"), "Appname", "x"))));
        assertEquals(List.of("request.Parameters has an unknown attribute"), problemsOf(withParameters(with(parameters(), "Text", "x"))));
    }

    @Test
    void refuses_user_data_without_anything_or_with_what_a_list_cannot_hold() throws Exception {
        assertEquals(List.of("userData must hold the interaction's id"), problemsOf(changed("userData", Json.object())));
        assertEquals(List.of("userData may hold strings, numbers and objects only"), problemsOf(changed("userData", Fixtures.read("{\"b\":{\"a\":[]}}"))));
    }

    @Test
    void tells_several_problems_in_one_go() throws Exception {
        assertEquals(List.of("messageName must be one of [Request3rdServer]", "request.Parameters.MessageText must be a string"),
            problemsOf(with(withParameters(without(parameters(), "MessageText")), "messageName", NullNode.instance)));
    }

    @Test
    void refuses_an_empty_AppName() throws Exception {
        assertEquals(List.of("request.AppName must be a string that is not empty, or absent"), problemsOf(changed("request", with(part("request"), "AppName", ""))));
    }

    private static List<String> problemsOf(JsonNode message) {
        EspRequestReader reader = new EspRequestReader();
        EspRequest request = reader.read(message);
        assertEquals(request == null, !reader.problems().isEmpty());
        return reader.problems();
    }

    private static ObjectNode changed(String name, JsonNode value) throws Exception {
        return with(Fixtures.message("request"), name, value);
    }

    private static ObjectNode part(String name) throws Exception {
        return (ObjectNode) Fixtures.message("request").get(name);
    }

    private static ObjectNode parameters() throws Exception {
        return (ObjectNode) part("request").get("Parameters");
    }

    private static ObjectNode withParameters(ObjectNode parameters) throws Exception {
        return changed("request", with(part("request"), "Parameters", parameters));
    }
}
