package chatprobe.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the contract's <code>Request3rdServer</code> and notes every problem. Strict: an unknown attribute is one too,
 * since a misspelt AppName would quietly ask another Chat Server.
 */
final class EspRequestReader {
    private static final long MAX_REFERENCE_ID = (1L << 32) - 1;
    /** Enough to repair a message by; a body of rubbish must not come back many times its size. */
    private static final int MAX_PROBLEMS = 10;

    private final List<String> problems = new ArrayList<>();

    /** The problems, one each; empty if the last body read was sound. */
    List<String> problems() {
        return problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS));
    }

    /** The request, null if there are problems. */
    EspRequest read(JsonNode body) {
        ObjectNode message = object(body, "body", Set.of("messageName", "referenceId", "request", "userData"));
        choice(message.get("messageName"), "messageName", Set.of("Request3rdServer"));
        long referenceId = referenceId(message.get("referenceId"));

        ObjectNode request = object(message.get("request"), "request", Set.of("AppName", "AppType", "Service", "Method", "Parameters"));
        String appName = optionalText(request.get("AppName"), "request.AppName");
        choice(request.get("AppType"), "request.AppType", Set.of("ChatServer"));
        choice(request.get("Service"), "request.Service", Set.of("Chat"));
        choice(request.get("Method"), "request.Method", Set.of("Message"));

        String path = "request.Parameters";
        ObjectNode parameters = object(request.get("Parameters"), path, Set.of("MessageText", "MessageType", "Visibility"));
        if (!isText(parameters.get("MessageText"))) refuse(path + ".MessageText", "must be a string");
        optionalText(parameters.get("MessageType"), path + ".MessageType");
        if (parameters.get("Visibility") != null) choice(parameters.get("Visibility"), path + ".Visibility", Set.of("ALL", "INT", "VIP"));

        ObjectNode userData = object(message.get("userData"), "userData", null);
        if (userData.isEmpty()) refuse("userData", "must hold the interaction's id");
        leaves(userData, "userData");
        return problems.isEmpty() ? new EspRequest(referenceId, appName, request, userData) : null;
    }

    /** @param known the only names allowed, null if any is. */
    private ObjectNode object(JsonNode value, String path, Set<String> known) {
        if (!(value instanceof ObjectNode object)) {
            refuse(path, "must be an object");
            return Json.object();
        }
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        if (known != null && !known.containsAll(names)) refuse(path, "has an unknown attribute");
        return object;
    }

    private void choice(JsonNode value, String path, Set<String> words) {
        if (!isText(value) || !words.contains(value.textValue())) refuse(path, "must be one of " + words.stream().sorted().toList());
    }

    private String optionalText(JsonNode value, String path) {
        if (value == null) return null;
        if (isText(value) && !value.textValue().isEmpty()) return value.textValue();
        refuse(path, "must be a string that is not empty, or absent");
        return null;
    }

    private long referenceId(JsonNode value) {
        if (value != null && value.isIntegralNumber() && value.canConvertToLong()) {
            long id = value.longValue();
            if (id >= 1 && id <= MAX_REFERENCE_ID) return id;
        }
        refuse("referenceId", "must be a whole number from 1 to " + MAX_REFERENCE_ID);
        return 0;
    }

    /** User data is a tree of strings, numbers and nested objects. */
    private void leaves(ObjectNode object, String path) {
        for (JsonNode value : object) {
            if (value instanceof ObjectNode inner) leaves(inner, path);
            else if (!value.isTextual() && !value.isNumber()) refuse(path, "may hold strings, numbers and objects only");
        }
    }

    private static boolean isText(JsonNode value) {
        return value != null && value.isTextual();
    }

    private void refuse(String path, String rule) {
        problems.add(path + " " + rule);
    }
}
