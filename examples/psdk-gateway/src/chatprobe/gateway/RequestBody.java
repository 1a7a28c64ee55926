package chatprobe.gateway;

import java.io.IOException;
import java.io.InputStream;

/** Reads a bounded body. */
final class RequestBody {
    static final int MAX_BYTES = 64 * 1024;
    /** So much of a body that is too large is read and forgotten: to hang up on who still writes would lose them the answer. */
    private static final int MAX_SKIPPED_BYTES = 1024 * 1024;

    private RequestBody() {}

    /** @return null if it is too large. */
    static byte[] read(InputStream in) throws IOException {
        byte[] body = in.readNBytes(MAX_BYTES + 1);
        if (body.length <= MAX_BYTES) return body;
        byte[] bin = new byte[8 * 1024];
        int skipped = 0;
        while (skipped < MAX_SKIPPED_BYTES) {
            int count = in.read(bin);
            if (count < 0) break;
            skipped += count;
        }
        return null;
    }
}
