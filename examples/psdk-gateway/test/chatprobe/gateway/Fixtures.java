package chatprobe.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contract's own messages, and messages made from them. */
final class Fixtures {
    static final String LIVE = "0006Ka9HFHRR0T2B";
    static final String DEAD = "02JH8H2FE3Q3T00E";

    private Fixtures() {}

    static JsonNode read(String json) throws Json.Problem {
        return Json.read(json.getBytes(StandardCharsets.UTF_8));
    }

    static ObjectNode message(String name) throws Exception {
        return (ObjectNode) Json.read(Files.readAllBytes(Path.of(System.getProperty("fixtures")))).get(name);
    }

    /** The example request for another chat and Chat Server. @param appName null to leave it out. */
    static ObjectNode request(long referenceId, String appName, String id) throws Exception {
        ObjectNode request = with(message("request"), "referenceId", LongNode.valueOf(referenceId));
        ((ObjectNode) request.get("userData")).put("InteractionId", id).put("Id", id);
        ObjectNode asked = (ObjectNode) request.get("request");
        if (appName == null) asked.remove("AppName");
        else asked.put("AppName", appName);
        return request;
    }

    static ObjectNode with(ObjectNode object, String name, JsonNode value) {
        ObjectNode copy = object.deepCopy();
        copy.set(name, value);
        return copy;
    }

    static ObjectNode with(ObjectNode object, String name, String value) {
        return with(object, name, TextNode.valueOf(value));
    }

    static ObjectNode without(ObjectNode object, String name) {
        ObjectNode copy = object.deepCopy();
        copy.remove(name);
        return copy;
    }
}
