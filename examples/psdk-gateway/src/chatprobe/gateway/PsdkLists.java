package chatprobe.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;

/** Turns JSON objects into the PSDK's key-value lists and back. */
final class PsdkLists {
    private PsdkLists() {}

    /**
     * Strings as strings, objects as lists, numbers that fit 32 bits as integers. Any other number goes as text, with every
     * digit: a list has no type that surely holds it.
     */
    static KeyValueCollection listOf(ObjectNode object) {
        KeyValueCollection list = new KeyValueCollection();
        object.fields().forEachRemaining(member -> {
            if (member.getValue() instanceof ObjectNode inner) list.addList(member.getKey(), listOf(inner));
            else if (member.getValue().isInt()) list.addInt(member.getKey(), member.getValue().intValue());
            else list.addString(member.getKey(), member.getValue().asText());
        });
        return list;
    }

    /**
     * Strings, integers and lists; what has no key or no value is left out. A reply must be proof to any reader or to none, so
     * nothing is chosen here: a key given twice with different values becomes a list of them, and anything else (binary values,
     * for one) an empty list. No reader takes either for a code, a name or an id.
     *
     * @return null for null.
     */
    static ObjectNode jsonOf(KeyValueCollection list) {
        return list == null ? null : jsonOf(list, 0);
    }

    private static ObjectNode jsonOf(KeyValueCollection list, int depth) {
        ObjectNode members = Json.object();
        // Object, not KeyValuePair: public source iterates over it as over a raw collection.
        for (Object each : list) {
            if (!(each instanceof KeyValuePair pair)) continue;
            JsonNode value = jsonOf(pair.getValue(), depth);
            String key = pair.getStringKey();
            if (key != null && value != null) members.set(key, members.has(key) ? both(members.get(key), value) : value);
        }
        return members;
    }

    private static JsonNode jsonOf(Object value, int depth) {
        if (value instanceof String text) return JsonNodeFactory.instance.textNode(text);
        // All as long: the same number in two types is no other value.
        if (value instanceof Integer || value instanceof Long) return JsonNodeFactory.instance.numberNode(((Number) value).longValue());
        if (value instanceof KeyValueCollection inner && depth < Json.MAX_DEPTH) return jsonOf(inner, depth + 1);
        return value == null ? null : ReplyJson.unreadable();
    }

    private static JsonNode both(JsonNode before, JsonNode value) {
        return before.equals(value) ? value : JsonNodeFactory.instance.arrayNode().add(before).add(value);
    }
}
