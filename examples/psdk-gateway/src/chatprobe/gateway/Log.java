package chatprobe.gateway;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Plain lines for the person on call. No interaction id, no user data, no token is ever handed to it. */
final class Log {
    private static final int MAX_CHARACTERS = 500;

    private final PrintStream out;

    Log(PrintStream out) {
        this.out = out;
    }

    void info(String format, Object... values) {
        write("INFO", String.format(Locale.ROOT, format, values));
    }

    void warn(String format, Object... values) {
        write("WARN", String.format(Locale.ROOT, format, values));
    }

    /** Whatever comes in from outside, a line stays one line. */
    private void write(String level, String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        if (line.length() > MAX_CHARACTERS) line = line.substring(0, MAX_CHARACTERS);
        out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + level + " " + line);
    }
}
