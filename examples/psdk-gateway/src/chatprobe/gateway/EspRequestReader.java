package chatprobe.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the contract's <code>Request3rdServer</code> and notes every problem. Strict: an unknown attribute is one too,
 * since a misspelt AppName would quietly ask another Chat Server.
 */
final class EspRequestReader {
    private static final Json.Obj NOTHING = new Json.Obj(Map.of());
    private static final long MAX_REFERENCE_ID = (1L << 32) - 1;
    /** Enough to repair a message by; a body of rubbish must not come back many times its size. */
    private static final int MAX_PROBLEMS = 10;

    private final List<String> problems = new ArrayList<>();

    /** The problems, one each; empty if the last body read was sound. */
    List<String> problems() {
        return problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS));
    }

    /** The request, null if there are problems. */
    EspRequest read(Json body) {
        Json.Obj message = object(body, "body", Set.of("messageName", "referenceId", "request", "userData"));
        choice(message.get("messageName"), "messageName", Set.of("Request3rdServer"));
        long referenceId = referenceId(message.get("referenceId"));

        Json.Obj request = object(message.get("request"), "request", Set.of("AppName", "AppType", "Service", "Method", "Parameters"));
        String appName = optionalText(request.get("AppName"), "request.AppName");
        choice(request.get("AppType"), "request.AppType", Set.of("ChatServer"));
        choice(request.get("Service"), "request.Service", Set.of("Chat"));
        choice(request.get("Method"), "request.Method", Set.of("Message"));

        String path = "request.Parameters";
        Json.Obj parameters = object(request.get("Parameters"), path, Set.of("MessageText", "MessageType", "Visibility"));
        if (!(parameters.get("MessageText") instanceof Json.Text)) refuse(path + ".MessageText", "must be a string");
        optionalText(parameters.get("MessageType"), path + ".MessageType");
        if (parameters.get("Visibility") != null) choice(parameters.get("Visibility"), path + ".Visibility", Set.of("ALL", "INT", "VIP"));

        Json.Obj userData = object(message.get("userData"), "userData", null);
        if (userData.members().isEmpty()) refuse("userData", "must hold the interaction's id");
        leaves(userData, "userData");
        return problems.isEmpty() ? new EspRequest(referenceId, appName, request, userData) : null;
    }

    /** @param known the only names allowed, null if any is. */
    private Json.Obj object(Json value, String path, Set<String> known) {
        if (!(value instanceof Json.Obj object)) {
            refuse(path, "must be an object");
            return NOTHING;
        }
        if (known != null && !known.containsAll(object.members().keySet())) refuse(path, "has an unknown attribute");
        return object;
    }

    private void choice(Json value, String path, Set<String> words) {
        if (!(value instanceof Json.Text text) || !words.contains(text.value())) refuse(path, "must be one of " + words.stream().sorted().toList());
    }

    private String optionalText(Json value, String path) {
        if (value == null) return null;
        if (value instanceof Json.Text text && !text.value().isEmpty()) return text.value();
        refuse(path, "must be a string that is not empty, or absent");
        return null;
    }

    private long referenceId(Json value) {
        if (value instanceof Json.Num number && number.text().matches("[1-9]\\d{0,9}")) {
            long id = Long.parseLong(number.text());
            if (id <= MAX_REFERENCE_ID) return id;
        }
        refuse("referenceId", "must be a whole number from 1 to " + MAX_REFERENCE_ID);
        return 0;
    }

    /** User data is a tree of strings, numbers and nested objects. */
    private void leaves(Json.Obj object, String path) {
        for (Json value : object.members().values()) {
            if (value instanceof Json.Obj inner) leaves(inner, path);
            else if (!(value instanceof Json.Text) && !(value instanceof Json.Num)) refuse(path, "may hold strings, numbers and objects only");
        }
    }

    private void refuse(String path, String rule) {
        problems.add(path + " " + rule);
    }
}
