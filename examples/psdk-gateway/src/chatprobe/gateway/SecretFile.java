package chatprobe.gateway;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a secret from a file of its own. What is wrong is told by an IOException, whose message never holds a part of the file. */
final class SecretFile {
    /** One of the two forms below. */
    interface Form {
        String read(String file) throws IOException;
    }

    private static final int MAX_BYTES = 4_096;

    private SecretFile() {}

    /** A token, which goes into a header: one word. White space around it is left out. */
    static String word(String file) throws IOException {
        String word = text(file).strip();
        if (!word.matches("[!-~]+")) throw new IOException("must hold one word of visible ASCII characters");
        return word;
    }

    /** A password: one line, blanks and all, but for the line end. ASCII, since the JDK encrypts keys under no other passwords. */
    static String line(String file) throws IOException {
        String line = text(file).replaceFirst("\\r?\\n\\z", "");
        if (!line.matches("[ -~]+")) throw new IOException("must hold one line of ASCII characters");
        return line;
    }

    private static String text(String file) throws IOException {
        Path path = Path.of(file);
        if (!Files.isReadable(path) || Files.isDirectory(path)) throw new IOException("cannot be read");
        if (Files.size(path) > MAX_BYTES) throw new IOException("is larger than " + MAX_BYTES + " bytes");
        try {
            return Files.readString(path);
        } catch (CharacterCodingException otherCharset) {
            throw new IOException("must hold text in UTF-8");
        }
    }
}
