package chatprobe.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Jackson must be told, and what must not change with its version. */
final class JsonTests {
    @Test
    void what_is_read_is_written_again_member_by_member() throws Exception {
        String text = "{\"a\":[],\"b\":{},\"c\":[1,true,false,null],\"d\":{\"e\":\"x\"}}";
        assertEquals(text, Json.write(Fixtures.read(" " + text.replace(",", " ,\n\t") + "\r\n")));
    }

    @Test
    void every_escape_is_read() throws Exception {
        assertEquals("\"\\/\b\f\n\r\t\u00e9", Fixtures.read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\"").textValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1234567890123456789012345", "-1.50", "0.10000000000000000055", "1.2345678901234567890E+99", "1E+400", "1E-400"})
    void a_number_keeps_every_digit_however_large_or_small(String number) throws Exception {
        assertEquals(number, Json.write(Fixtures.read(number)));
        assertEquals(number, Fixtures.read(number).asText());
    }

    @Test
    void what_is_written_is_ASCII_on_one_line() {
        assertEquals("\"\\u5C71\\n\\uD83D\\uDE00\\uD800\\\"\\\\\"", Json.write(TextNode.valueOf("\u5c71\n\ud83d\ude00\ud800\"\\")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "'a'", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "01", "1.", ".5", "+1",
        "1e", "--1", "tru", "nul", "NaN", "Infinity", "1e99999999999", "1 2", "{} {}", "{\"a\":1}}", "[1 2]", "// x\n1", "\u00a01", "\"\\u\u0661111\""})
    void refuses_what_is_no_JSON(String bad) {
        assertRefused(bad.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"b\":{\"a\":1,\"c\":2,\"a\":{}}}]", "{\"\":1,\"\":2}"})
    void refuses_a_name_given_twice(String bad) {
        assertRefused(bad.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void refuses_another_encoding(String charset) {
        assertRefused("{\"a\":1}".getBytes(Charset.forName(charset)));
    }

    @Test
    void refuses_what_is_not_UTF_8_to_everybody() {
        assertRefused("\ufeff{}".getBytes(StandardCharsets.UTF_8));
        assertRefused("\"\u00fc\"".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'});
        assertRefused(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'});
    }

    @Test
    void reads_so_many_levels_and_refuses_one_more_however_many_follow() throws Exception {
        Fixtures.read("[".repeat(Json.MAX_DEPTH) + "1" + "]".repeat(Json.MAX_DEPTH));
        Fixtures.read("{\"a\":".repeat(Json.MAX_DEPTH) + "1" + "}".repeat(Json.MAX_DEPTH));
        assertRefused(("[".repeat(Json.MAX_DEPTH + 1) + "1" + "]".repeat(Json.MAX_DEPTH + 1)).getBytes(StandardCharsets.UTF_8));
        assertRefused(("{\"a\":".repeat(Json.MAX_DEPTH + 1) + "1" + "}".repeat(Json.MAX_DEPTH + 1)).getBytes(StandardCharsets.UTF_8));
        assertRefused("[".repeat(60_000).getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"s3cret\":1,\"s3cret\":2}", "{\"a\":s3cret}", "{\"a\":1s3cret}", "\"s3cret\"s3cret", "{\"s3cret"})
    void what_is_wrong_is_told_without_a_word_of_the_sender(String bad) {
        Json.Problem problem = assertThrows(Json.Problem.class, () -> Fixtures.read(bad));
        assertFalse(problem.getMessage().contains("s3cret"), problem.getMessage());
    }

    private static void assertRefused(byte[] text) {
        assertThrows(Json.Problem.class, () -> Json.read(text));
    }
}
