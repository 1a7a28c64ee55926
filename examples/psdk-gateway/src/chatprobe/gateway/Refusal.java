package chatprobe.gateway;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/**
 * Tells a refused connection from every other failure to connect. Only a refusal proves that no Chat Server is there: the
 * host answered, and nobody listens. All else (time-out, no route, no such name, a failed handshake) proves nothing.
 */
final class Refusal {
    private static final int MAX_CAUSES = 20;

    private Refusal() {}

    /**
     * What the PSDK throws when it is refused is not documented as far as we know. So the exceptions are searched for
     * the JDK's own; if there is none of them, we connect ourselves.
     *
     * @param failure what opening a connection to that address ended with.
     * @param timeoutMs longest that connecting ourselves may take.
     */
    static boolean isBehind(Throwable failure, ChatServerAddress address, int timeoutMs) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
            if (cause instanceof IOException network) return isRefusal(network);
            if (cause instanceof UnresolvedAddressException) return false;
        }
        return isRefused(address, timeoutMs);
    }

    /** Connects and hangs up without a byte. */
    static boolean isRefused(ChatServerAddress address, int timeoutMs) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMs);
            return false;
        } catch (IOException failure) {
            return isRefusal(failure);
        }
    }

    /** The JDK has one exception for refused and for timed out; only the system's own words, in English, tell them apart. */
    private static boolean isRefusal(IOException failure) {
        return failure instanceof ConnectException && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("refused");
    }
}
