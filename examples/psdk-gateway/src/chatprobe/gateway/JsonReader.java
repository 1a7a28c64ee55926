package chatprobe.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON by the letter of RFC 8259, and refuses a name given twice: nobody can say which of the two was meant. */
final class JsonReader {
    /** Levels of nesting that are read. User data that is of use has two or three; this is far from the end of the stack. */
    static final int MAX_DEPTH = 40;

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    static Json read(byte[] utf8) throws JsonProblem {
        try {
            return read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
        } catch (CharacterCodingException notUtf8) {
            throw new JsonProblem("not UTF-8", 0);
        }
    }

    static Json read(String text) throws JsonProblem {
        JsonReader reader = new JsonReader(text);
        Json value = reader.value(0);
        reader.skipSpace();
        if (reader.at < text.length()) throw reader.problem("something after the value");
        return value;
    }

    private Json value(int depth) throws JsonProblem {
        if (depth > MAX_DEPTH) throw problem("nested deeper than " + MAX_DEPTH + " levels");
        skipSpace();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Json.Text(string());
            case 't' -> word("true", new Json.Bool(true));
            case 'f' -> word("false", new Json.Bool(false));
            case 'n' -> word("null", new Json.Null());
            default -> number();
        };
    }

    private Json object(int depth) throws JsonProblem {
        Map<String, Json> members = new LinkedHashMap<>();
        at++;
        skipSpace();
        if (took('}')) return new Json.Obj(members);
        do {
            skipSpace();
            String name = string();
            skipSpace();
            expect(':');
            if (members.put(name, value(depth + 1)) != null) throw problem("a name given twice");
            skipSpace();
        } while (took(','));
        expect('}');
        return new Json.Obj(members);
    }

    private Json array(int depth) throws JsonProblem {
        List<Json> items = new ArrayList<>();
        at++;
        skipSpace();
        if (took(']')) return new Json.Arr(items);
        do {
            items.add(value(depth + 1));
            skipSpace();
        } while (took(','));
        expect(']');
        return new Json.Arr(items);
    }

    private String string() throws JsonProblem {
        expect('"');
        StringBuilder out = new StringBuilder();
        for (;;) {
            char next = peek();
            if (next == '"') {
                at++;
                return out.toString();
            }
            if (next < ' ') throw problem(at < text.length() ? "a control character in a string" : "a string without an end");
            at++;
            out.append(next == '\\' ? escape() : next);
        }
    }

    private char escape() throws JsonProblem {
        char kind = peek();
        at++;
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> fourHexDigits();
            default -> throw problem("an unknown escape");
        };
    }

    private char fourHexDigits() throws JsonProblem {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char digit = peek();
            int value = digit < 128 ? Character.digit(digit, 16) : -1;
            if (value < 0) throw problem("an unknown escape");
            code = code * 16 + value;
            at++;
        }
        return (char) code;
    }

    private Json number() throws JsonProblem {
        int start = at;
        took('-');
        if (!took('0')) digits();
        if (took('.')) digits();
        if (took('e') || took('E')) {
            if (!took('+')) took('-');
            digits();
        }
        return new Json.Num(text.substring(start, at));
    }

    private void digits() throws JsonProblem {
        int start = at;
        while (peek() >= '0' && peek() <= '9') at++;
        if (at == start) throw problem("no value");
    }

    private Json word(String word, Json value) throws JsonProblem {
        if (!text.startsWith(word, at)) throw problem("no value");
        at += word.length();
        return value;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') at++;
    }

    /** The next character; a zero, which no rule allows anywhere, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean took(char wanted) {
        boolean there = peek() == wanted;
        if (there) at++;
        return there;
    }

    private void expect(char wanted) throws JsonProblem {
        if (!took(wanted)) throw problem("no " + wanted);
    }

    private JsonProblem problem(String what) {
        return new JsonProblem(what, at);
    }
}
