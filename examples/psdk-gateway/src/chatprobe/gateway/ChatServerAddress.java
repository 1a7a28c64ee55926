package chatprobe.gateway;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a Chat Server's ESP port is.
 *
 * @param name the application's name in the configuration of Genesys, as callers send it in AppName; case counts.
 */
record ChatServerAddress(String name, String host, int port) {
    private static final Pattern HOST_AND_PORT = Pattern.compile("(?:([^\\s:\\[\\]/@]+)|\\[([0-9A-Fa-f:.]+)\\]):(\\d{1,5})");

    /** @param hostAndPort as in <code>chat-1.example:4801</code> or <code>[::1]:4801</code>. @return null if it is not of that form. */
    static ChatServerAddress parse(String name, String hostAndPort) {
        Matcher parts = HOST_AND_PORT.matcher(hostAndPort);
        if (!parts.matches()) return null;
        int port = Integer.parseInt(parts.group(3));
        if (port < 1 || port > 65_535) return null;
        return new ChatServerAddress(name, parts.group(1) != null ? parts.group(1) : parts.group(2), port);
    }
}
