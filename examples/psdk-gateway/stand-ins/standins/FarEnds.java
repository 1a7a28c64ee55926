package standins;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The far ends by host name. What a configuration can name without any code is listed here; a test may add its own. */
public final class FarEnds {
    private static final Map<String, FarEnd> BY_HOST = new ConcurrentHashMap<>();

    static {
        System.err.println("STAND-INS: this is not the Platform SDK, and no Chat Server is ever asked");
        put("up.stand-in", FarEnd.chatServer(Answers.session()));
        put("secure.stand-in", FarEnd.chatServer(Answers.session()).wantingTls("secure"));
        put("upgrade.stand-in", FarEnd.chatServer(Answers.session()).wantingTls("upgrade"));
        put("silent.stand-in", FarEnd.chatServer(Answers.none()));
        put("odd.stand-in", FarEnd.chatServer(Answers.unexpected()));
        put("down.stand-in", FarEnd.failing(() -> new ConnectException("Connection refused")));
        put("unreachable.stand-in", FarEnd.failing(() -> new NoRouteToHostException("No route to host")));
        put("timing-out.stand-in", FarEnd.failing(() -> new ConnectException("Connection timed out")));
        put("hanging.stand-in", FarEnd.hanging());
    }

    private FarEnds() {}

    /** Any other host is one that cannot be resolved. */
    public static FarEnd at(String host) {
        return BY_HOST.computeIfAbsent(host, unknown -> FarEnd.failing(() -> new UnknownHostException(unknown)));
    }

    public static FarEnd put(String host, FarEnd farEnd) {
        BY_HOST.put(host, farEnd);
        return farEnd;
    }
}
