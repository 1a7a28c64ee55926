package chatprobe.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** HTTP by the byte, for what a proper client does not do. */
final class RawHttp {
    private RawHttp() {}

    /** @param headers lines, each with its line end. */
    static byte[] head(int contentLength, String headers) {
        return ("POST /esp HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n" + headers + "Content-Length: " + contentLength + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    }

    /** One answer with its body, as long as its Content-Length says. */
    static String answer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) return head.toString();
            head.append((char) next);
        }
        String length = head.toString().toLowerCase(java.util.Locale.ROOT).replaceAll("(?s).*content-length: *(\\d+).*", "$1");
        return head + new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.US_ASCII);
    }
}
