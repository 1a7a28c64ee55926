package chatprobe.gateway;

import java.util.Map;

/**
 * An answer of the gateway.
 *
 * @param body JSON.
 * @param note for the log: words of ours and names from the configuration, nothing a caller sent.
 */
record HttpAnswer(int status, Map<String, String> headers, String body, String note) {
    static HttpAnswer of(int status, String body, String note) {
        return new HttpAnswer(status, Map.of(), body, note);
    }

    /** @param error words for people; nothing a program should read. */
    static HttpAnswer problem(int status, String error) {
        return problem(status, error, Map.of());
    }

    static HttpAnswer problem(int status, String error, Map<String, String> headers) {
        return new HttpAnswer(status, headers, Json.write(Json.object().put("error", error)), error);
    }
}
