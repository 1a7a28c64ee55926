package chatprobe.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes the three answers of the contract, each with the caller's own reference id. */
final class ReplyJson {
    /** Callers need not read more than 64 KiB; the rest is room for the frame around what the Chat Server said. */
    static final int MAX_CHARACTERS = 60_000;
    private static final int MAX_FAULT_CHARACTERS = 1_000;

    private ReplyJson() {}

    /** Stands for what came and cannot be told: it must not pass for absent, for a response without a fault's code was delivered. */
    static ArrayNode unreadable() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** @param reply a response or a fault. */
    static String answer(long referenceId, EspReply reply) {
        String whole = write(referenceId, reply, reply.request(), reply.userData());
        if (whole.length() <= MAX_CHARACTERS) return whole;
        // What was delivered was delivered, however much comes back: leave out what no verdict rests on.
        return write(referenceId, reply, essence(reply.request()), null);
    }

    /** @param by "name" or "type". */
    static String notFound(long referenceId, String by) {
        return Json.write(frame("EventError", referenceId).put("errorCode", 1).put("errorMessage", "Not found by " + by));
    }

    private static String write(long referenceId, EspReply reply, ObjectNode request, ObjectNode userData) {
        boolean isFault = reply.kind() == EspReply.Kind.FAULT;
        ObjectNode message = frame(isFault ? "Event3rdServerFault" : "Event3rdServerResponse", referenceId);
        if (request != null) message.set("request", withFaultCodeAsText(request));
        if (userData != null) message.set("userData", userData);
        return Json.write(message);
    }

    private static ObjectNode frame(String messageName, long referenceId) {
        return Json.object().put("messageName", messageName).put("referenceId", referenceId);
    }

    /** The contract has a string, whichever of the two the key-value list carried. A response may carry a fault's code, too. */
    private static ObjectNode withFaultCodeAsText(ObjectNode request) {
        JsonNode code = request.path("Parameters").path("FaultCode");
        if (!code.isNumber()) return request;
        ObjectNode copy = request.deepCopy();
        ((ObjectNode) copy.get("Parameters")).put("FaultCode", code.asText());
        return copy;
    }

    private static ObjectNode essence(ObjectNode request) {
        if (request == null) return null;
        ObjectNode kept = Json.object();
        copyShort(request, "Service", kept);
        copyShort(request, "Method", kept);
        JsonNode came = request.get("Parameters");
        if (came instanceof ObjectNode parameters) {
            ObjectNode fault = kept.putObject("Parameters");
            copyShort(parameters, "FaultCode", fault);
            copyShort(parameters, "FaultString", fault);
        } else if (came != null) kept.set("Parameters", unreadable());
        return kept;
    }

    private static void copyShort(ObjectNode from, String name, ObjectNode to) {
        JsonNode value = from.get(name);
        if (value == null) return;
        if (value.isTextual()) to.put(name, value.textValue().substring(0, Math.min(value.textValue().length(), MAX_FAULT_CHARACTERS)));
        else to.set(name, value.isNumber() ? value : unreadable());
    }
}
