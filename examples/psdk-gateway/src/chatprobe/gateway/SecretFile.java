package chatprobe.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a secret from a file of its own: one line, without the line end. */
final class SecretFile {
    private static final int MAX_BYTES = 4_096;

    private SecretFile() {}

    /** @throws IOException telling what is wrong; the message never holds a part of the file. */
    static String read(String file) throws IOException {
        Path path = Path.of(file);
        if (!Files.isReadable(path) || Files.isDirectory(path)) throw new IOException("cannot be read");
        if (Files.size(path) > MAX_BYTES) throw new IOException("is larger than " + MAX_BYTES + " bytes");
        String secret = new String(Files.readAllBytes(path), java.nio.charset.StandardCharsets.UTF_8).strip();
        if (!secret.matches("[!-~]+")) throw new IOException("must hold one word of visible ASCII characters");
        return secret;
    }
}
