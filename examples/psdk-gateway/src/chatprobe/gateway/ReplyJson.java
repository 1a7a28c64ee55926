package chatprobe.gateway;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the three answers of the contract, each with the caller's own reference id. */
final class ReplyJson {
    /** Callers need not read more than 64 KiB; the rest is room for the frame around what the Chat Server said. */
    static final int MAX_CHARACTERS = 60_000;
    private static final int MAX_FAULT_CHARACTERS = 1_000;
    /** Stands for what came and cannot be told: it must not pass for absent, for a response without a fault's code was delivered. */
    static final Json UNREADABLE = new Json.Arr(List.of());

    private ReplyJson() {}

    /** @param reply a response or a fault. */
    static String answer(long referenceId, EspReply reply) {
        String whole = write(referenceId, reply, reply.request(), reply.userData());
        if (whole.length() <= MAX_CHARACTERS) return whole;
        // What was delivered was delivered, however much comes back: leave out what no verdict rests on.
        return write(referenceId, reply, essence(reply.request()), null);
    }

    /** @param by "name" or "type". */
    static String notFound(long referenceId, String by) {
        Map<String, Json> error = frame("EventError", referenceId);
        error.put("errorCode", Json.Num.of(1));
        error.put("errorMessage", new Json.Text("Not found by " + by));
        return JsonWriter.write(new Json.Obj(error));
    }

    private static String write(long referenceId, EspReply reply, Json.Obj request, Json.Obj userData) {
        boolean isFault = reply.kind() == EspReply.Kind.FAULT;
        Map<String, Json> message = frame(isFault ? "Event3rdServerFault" : "Event3rdServerResponse", referenceId);
        if (request != null) message.put("request", withFaultCodeAsText(request));
        if (userData != null) message.put("userData", userData);
        return JsonWriter.write(new Json.Obj(message));
    }

    private static Map<String, Json> frame(String messageName, long referenceId) {
        Map<String, Json> message = new LinkedHashMap<>();
        message.put("messageName", new Json.Text(messageName));
        message.put("referenceId", Json.Num.of(referenceId));
        return message;
    }

    /** The contract has a string, whichever of the two the key-value list carried. A response may carry a fault's code, too. */
    private static Json.Obj withFaultCodeAsText(Json.Obj request) {
        if (!(request.get("Parameters") instanceof Json.Obj parameters)) return request;
        if (!(parameters.get("FaultCode") instanceof Json.Num number)) return request;
        return with(request, "Parameters", with(parameters, "FaultCode", new Json.Text(number.text())));
    }

    private static Json.Obj with(Json.Obj object, String name, Json value) {
        Map<String, Json> members = new LinkedHashMap<>(object.members());
        members.put(name, value);
        return new Json.Obj(members);
    }

    private static Json.Obj essence(Json.Obj request) {
        if (request == null) return null;
        Map<String, Json> kept = new LinkedHashMap<>();
        copyShort(request, "Service", kept);
        copyShort(request, "Method", kept);
        Json came = request.get("Parameters");
        if (came instanceof Json.Obj parameters) {
            Map<String, Json> fault = new LinkedHashMap<>();
            copyShort(parameters, "FaultCode", fault);
            copyShort(parameters, "FaultString", fault);
            kept.put("Parameters", new Json.Obj(fault));
        } else if (came != null) kept.put("Parameters", UNREADABLE);
        return new Json.Obj(kept);
    }

    private static void copyShort(Json.Obj from, String name, Map<String, Json> to) {
        Json value = from.get(name);
        if (value instanceof Json.Num) to.put(name, value);
        else if (value instanceof Json.Text text)
            to.put(name, new Json.Text(text.value().substring(0, Math.min(text.value().length(), MAX_FAULT_CHARACTERS))));
        else if (value != null) to.put(name, UNREADABLE);
    }
}
