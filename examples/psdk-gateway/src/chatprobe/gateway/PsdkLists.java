package chatprobe.gateway;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns JSON objects into the PSDK's key-value lists and back. */
final class PsdkLists {
    private static final String INTEGER = "-?\\d{1,10}";

    private PsdkLists() {}

    /**
     * Strings as strings, objects as lists, numbers that fit 32 bits as integers. Any other number goes as the text that
     * came: a list has no type that surely holds it.
     */
    static KeyValueCollection listOf(Json.Obj object) {
        KeyValueCollection list = new KeyValueCollection();
        object.members().forEach((key, value) -> {
            if (value instanceof Json.Obj inner) list.addList(key, listOf(inner));
            else if (value instanceof Json.Text text) list.addString(key, text.value());
            else if (value instanceof Json.Num number) addNumber(list, key, number.text());
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
    static Json.Obj jsonOf(KeyValueCollection list) {
        return list == null ? null : jsonOf(list, 0);
    }

    private static Json.Obj jsonOf(KeyValueCollection list, int depth) {
        Map<String, Json> members = new LinkedHashMap<>();
        // Object, not KeyValuePair: public source iterates over it as over a raw collection.
        for (Object each : list) {
            if (!(each instanceof KeyValuePair pair)) continue;
            Json value = jsonOf(pair.getValue(), depth);
            String key = pair.getStringKey();
            if (key != null && value != null) members.merge(key, value, PsdkLists::both);
        }
        return new Json.Obj(members);
    }

    private static Json jsonOf(Object value, int depth) {
        if (value instanceof String text) return new Json.Text(text);
        if (value instanceof Integer || value instanceof Long) return new Json.Num(value.toString());
        if (value instanceof KeyValueCollection inner && depth < JsonReader.MAX_DEPTH) return jsonOf(inner, depth + 1);
        return value == null ? null : ReplyJson.UNREADABLE;
    }

    private static Json both(Json before, Json value) {
        return before.equals(value) ? value : new Json.Arr(List.of(before, value));
    }

    private static void addNumber(KeyValueCollection list, String key, String text) {
        boolean fits = text.matches(INTEGER) && Long.parseLong(text) == (int) Long.parseLong(text);
        if (fits) list.addInt(key, Integer.parseInt(text));
        else list.addString(key, text);
    }
}
