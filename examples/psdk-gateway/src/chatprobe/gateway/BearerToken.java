package chatprobe.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Who may come in. */
final class BearerToken {
    /** Answers to a request without credentials, and to one with wrong ones. */
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;

    private final byte[] expected;

    /** @param token null to let everybody in. */
    BearerToken(String token) {
        expected = token == null ? null : digest(token);
    }

    /** @param authorization the headers of that name, null if there is none. @return 0 if the request may pass, else the status to refuse it with. */
    int refusalOf(List<String> authorization) {
        if (expected == null) return 0;
        if (authorization == null || authorization.size() != 1) return UNAUTHORIZED;
        String credentials = authorization.get(0);
        if (!credentials.regionMatches(true, 0, "Bearer ", 0, 7)) return UNAUTHORIZED;
        // Digests have one length, and isEqual takes one time: comparing tells nothing about the token.
        return MessageDigest.isEqual(digest(credentials.substring(7).strip()), expected) ? 0 : FORBIDDEN;
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
