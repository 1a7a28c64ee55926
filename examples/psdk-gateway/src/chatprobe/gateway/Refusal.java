package chatprobe.gateway;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.UnresolvedAddressException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Tells a refused connection from every other failure to connect. Only a refusal proves that no Chat Server is there: the
 * host answered, and nobody listens. All else (time-out, no route, no such name, a failed handshake) proves nothing.
 */
final class Refusal {
    private static final int MAX_CAUSES = 20;

    private Refusal() {}

    /**
     * What the PSDK throws when it is refused is not documented as far as we know. So the exceptions are searched for
     * the JDK's own, of which the deepest counts, since others may be wrapped around it; if there is none, we connect ourselves.
     *
     * @param failure what opening a connection to that address ended with.
     * @param timeoutMs longest that connecting ourselves may take.
     */
    static boolean isBehind(Throwable failure, ChatServerAddress address, int timeoutMs) {
        IOException deepest = null;
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) return false;
            if (cause instanceof IOException network) deepest = network;
        }
        return deepest == null ? isRefused(address, timeoutMs) : isRefusal(deepest);
    }

    private static boolean isRefused(ChatServerAddress address, int timeoutMs) {
        try {
            InetAddress[] all = InetAddress.getAllByName(address.host());
            return isRefused(Arrays.stream(all).map(each -> new InetSocketAddress(each, address.port())).toList(), timeoutMs);
        } catch (IOException unknownHost) {
            return false;
        }
    }

    /** Connects to each address and hangs up without a byte. True only if all refuse: a name may stand for several hosts. */
    static boolean isRefused(List<InetSocketAddress> addresses, int timeoutMs) {
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        for (InetSocketAddress each : addresses) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
            if (leftMs <= 0) return false; // to a socket 0 would mean for ever
            try (Socket socket = new Socket()) {
                socket.connect(each, (int) leftMs);
                return false;
            } catch (IOException failure) {
                if (!isRefusal(failure)) return false;
            }
        }
        return !addresses.isEmpty();
    }

    /** The JDK has one exception for refused and for timed out; only the system's own words, in English, tell them apart. */
    private static boolean isRefusal(IOException failure) {
        return failure instanceof ConnectException && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("refused");
    }
}
