package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import java.nio.charset.StandardCharsets;
import java.util.List;

final class JsonTests {
    private JsonTests() {}

    static void addTo(Tests tests) {
        tests.test("JSON: what is read is written again, member by member", () -> {
            String text = "{\"a\":[],\"b\":{},\"c\":[1,-0.5e+3,true,false,null],\"d\":{\"e\":\"x\"}}";
            same(text, JsonWriter.write(JsonReader.read(" " + text.replace(",", " ,\n\t") + "\r\n")));
        });
        tests.test("JSON: every escape is read", () ->
            same(new Json.Text("\"\\/\b\f\n\r\t\u00e9"), JsonReader.read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\"")));
        tests.test("JSON: a number stays what was written, however large", () ->
            same(new Json.Num("1234567890123456789012345.678e99"), JsonReader.read("1234567890123456789012345.678e99")));
        tests.test("JSON: what is written is ASCII on one line", () ->
            same("\"\\u5c71\\u000a\\u007f\\ud83d\\ude00\\\"\\\\\"", JsonWriter.write(new Json.Text("\u5c71\n\u007f\ud83d\ude00\"\\"))));
        for (String bad : List.of("", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "'a'", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "01", "1.", ".5", "+1",
            "1e", "--1", "tru", "nul", "NaN", "1 2", "{\"a\":1}}", "[1 2]", "\u0000", "{\"a\":1,\"a\":2}", "\ufeff{}", "\"\\u\u0661111\""))
            tests.test("JSON: refuses " + JsonWriter.write(new Json.Text(bad)), () -> holds(isRefused(bad.getBytes(StandardCharsets.UTF_8)), "it was read"));
        tests.test("JSON: refuses what is not UTF-8", () -> holds(isRefused(new byte[] {'"', (byte) 0xc3, '"'}), "it was read"));
        tests.test("JSON: reads " + JsonReader.MAX_DEPTH + " levels and refuses one more, however many follow", () -> {
            JsonReader.read("[".repeat(JsonReader.MAX_DEPTH) + "1" + "]".repeat(JsonReader.MAX_DEPTH));
            holds(isRefused(("[".repeat(JsonReader.MAX_DEPTH + 1) + "1" + "]".repeat(JsonReader.MAX_DEPTH + 1)).getBytes(StandardCharsets.UTF_8)), "it was read");
            holds(isRefused("[".repeat(60_000).getBytes(StandardCharsets.UTF_8)), "it was read");
        });
    }

    private static boolean isRefused(byte[] text) {
        try {
            JsonReader.read(text);
            return false;
        } catch (JsonProblem refused) {
            return true;
        }
    }
}
