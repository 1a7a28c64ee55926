package chatprobe.gateway;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON by Jackson, told to refuse what two readers could read in two ways: a name given twice, something after the value, another encoding. */
final class Json {
    /** Levels of nesting that are read. User data that is of use has two or three; this is far from the end of the stack. */
    static final int MAX_DEPTH = 40;

    private static final JsonMapper MAPPER = JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
        .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
        .build();

    /** Why a text was not read. In words of ours: Jackson's quote what was sent, which must not get into answers and logs. */
    static final class Problem extends Exception {
        private static final long serialVersionUID = 1L;

        Problem(String what) {
            super(what);
        }
    }

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static JsonNode read(byte[] utf8) throws Problem {
        refuseOtherEncodings(utf8);
        // From the bytes: reading characters, Jackson 2.14 takes some beyond ASCII for digits of an escape.
        try (JsonParser parser = new StrictParser(MAPPER.createParser(utf8))) {
            JsonNode value = MAPPER.readValue(parser, JsonNode.class);
            if (value == null || value.isMissingNode()) throw new Problem("there is no value");
            return value;
        } catch (JsonProcessingException malformed) {
            long at = malformed.getLocation() == null ? 0 : malformed.getLocation().getByteOffset();
            throw new Problem("malformed, a name given twice, or nested deeper than " + MAX_DEPTH + " levels, before byte " + Math.max(0, at));
        } catch (NumberFormatException beyondDecimals) {
            throw new Problem("a number with an exponent beyond all bounds");
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** On one line, in ASCII: whatever reads it, no character set can spoil it. */
    static String write(JsonNode value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Jackson guesses UTF-16 and UTF-32 by their zero bytes, skips a byte order mark, and reads some bytes that are not UTF-8. */
    private static void refuseOtherEncodings(byte[] utf8) throws Problem {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
            if (text.startsWith("\ufeff") || text.indexOf('\0') >= 0) throw new Problem("a byte order mark or a zero byte");
        } catch (CharacterCodingException notUtf8) {
            throw new Problem("not UTF-8");
        }
    }

    /** Has the bounds that Jackson 2.14 does not have yet. */
    private static final class StrictParser extends JsonParserDelegate {
        StrictParser(JsonParser parser) {
            super(parser);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if (getParsingContext().getNestingDepth() > MAX_DEPTH) throw new JsonParseException(this, "nested too deep");
            return token;
        }

        /** Else a number beyond a double, 1e400, would be read as infinity, although decimals are asked for. JSON has no NaN. */
        @Override
        public boolean isNaN() {
            return false;
        }
    }
}
