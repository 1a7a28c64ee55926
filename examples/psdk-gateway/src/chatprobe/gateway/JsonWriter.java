package chatprobe.gateway;

import java.util.Map;

/** Writes JSON on one line, in ASCII: whatever reads it, no character set can spoil it. */
final class JsonWriter {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder out = new StringBuilder();

    private JsonWriter() {}

    static String write(Json value) {
        JsonWriter writer = new JsonWriter();
        writer.value(value);
        return writer.out.toString();
    }

    private void value(Json value) {
        if (value instanceof Json.Obj object) object(object);
        else if (value instanceof Json.Arr array) array(array);
        else if (value instanceof Json.Text text) string(text.value());
        else if (value instanceof Json.Num number) out.append(number.text());
        else if (value instanceof Json.Bool bool) out.append(bool.value());
        else out.append("null");
    }

    private void object(Json.Obj object) {
        String before = "{";
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            out.append(before);
            string(member.getKey());
            out.append(':');
            value(member.getValue());
            before = ",";
        }
        out.append(object.members().isEmpty() ? "{}" : "}");
    }

    private void array(Json.Arr array) {
        String before = "[";
        for (Json item : array.items()) {
            out.append(before);
            value(item);
            before = ",";
        }
        out.append(array.items().isEmpty() ? "[]" : "]");
    }

    private void string(String text) {
        out.append('"');
        text.chars().forEach(this::character);
        out.append('"');
    }

    private void character(int unit) {
        if (unit == '"' || unit == '\\') out.append('\\').append((char) unit);
        else if (unit >= ' ' && unit <= '~') out.append((char) unit);
        else out.append("\\u").append(HEX[unit >> 12]).append(HEX[unit >> 8 & 15]).append(HEX[unit >> 4 & 15]).append(HEX[unit & 15]);
    }
}
