package chatprobe.gateway;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Puts the parts together. */
final class Gateway {
    /** Threads beyond those that wait for Chat Servers: for refusals, health and slow bodies. */
    private static final int SPARE_THREADS = 16;
    private static final int MAX_WAITING = 1_000;
    /** Connections that wait to be accepted: as many as instances of the service may open at the same moment, and more. */
    private static final int BACKLOG = 1_024;
    /** An opening that has hung for so many connect time-outs is abandoned. */
    private static final int ABANDON_AFTER_TIMEOUTS = 5;
    /** Longest that closing the connections to the Chat Servers may take. */
    private static final int CLOSING_SECONDS = 1;

    private final HttpServer server;
    private final HttpFace face;
    private final ChatServers chatServers;
    private final ExecutorService exchanges;
    private final ExecutorService background;
    private final int drainSeconds;
    private final boolean isTls;

    private Gateway(HttpServer server, HttpFace face, ChatServers chatServers, ExecutorService exchanges, ExecutorService background, Settings settings) {
        this.server = server;
        this.face = face;
        this.chatServers = chatServers;
        this.exchanges = exchanges;
        this.background = background;
        this.drainSeconds = settings.requestTimeoutMs() / 1_000 + 1;
        this.isTls = settings.tls() != null;
    }

    /** Listens, and starts connecting to the Chat Servers without waiting for them. */
    static Gateway start(Settings settings, EspConnection.Maker maker, LongSupplier nanoClock, Log log) throws IOException, GeneralSecurityException {
        tuneServer();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(settings.listenHost()), settings.listenPort());
        HttpServer server = settings.tls() == null ? HttpServer.create(address, BACKLOG) : HttpsServer.create(address, BACKLOG);
        if (server instanceof HttpsServer https) https.setHttpsConfigurator(Tls.configuratorOf(Tls.contextOf(settings.tls())));

        ExecutorService background = Executors.newCachedThreadPool(daemons("connect"));
        ChatServers chatServers = chatServers(settings, maker, background, log);

        int threads = settings.maxConcurrent() + SPARE_THREADS;
        ExecutorService exchanges = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), daemons("http"));
        ArrivalTimes arrivals = new ArrivalTimes(exchanges, nanoClock);
        EspRoute esp = new EspRoute(chatServers, settings.maxConcurrent(), settings.requestTimeoutMs(), nanoClock);
        HttpFace face = new HttpFace(new BearerToken(settings.token()), esp, chatServers, arrivals, nanoClock, log);
        server.createContext("/", face);
        server.setExecutor(arrivals);
        server.start();
        chatServers.connectAll();
        return new Gateway(server, face, chatServers, exchanges, background, settings);
    }

    private static ChatServers chatServers(Settings settings, EspConnection.Maker maker, ExecutorService background, Log log) {
        int timeoutMs = settings.connectTimeoutMs();
        Map<String, ChatServerLink> links = new LinkedHashMap<>();
        settings.chatServers().forEach((name, each) ->
            links.put(name, new ChatServerLink(each, maker, timeoutMs, (long) timeoutMs * ABANDON_AFTER_TIMEOUTS, background, log)));
        return new ChatServers(links);
    }

    /** Where it listens, with the real port; no slash at the end. */
    String url() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return (isTls ? "https" : "http") + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Listens no more, waits for the messages that are on their way, then closes all connections. */
    void stop() {
        // The JDK's server may wait the whole time where nothing is on its way (17 does): so it is only told, and we wait.
        background.execute(() -> server.stop(drainSeconds));
        try {
            face.awaitIdle(drainSeconds);
            server.stop(0);
            exchanges.shutdown();
            chatServers.close();
            background.shutdown();
            background.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /** Settings of the JDK's own server, which has them as system properties only; what is set on the command line stays. */
    private static void tuneServer() {
        setUnlessSet("sun.net.httpserver.nodelay", "true"); // else each answer on a kept connection waits 40 ms for its acknowledgement
        setUnlessSet("sun.net.httpserver.maxReqTime", "5"); // seconds in which a request must have come: until then it holds a thread, token or not
        setUnlessSet("sun.net.httpserver.maxIdleConnections", "4096"); // 200 by default; one more is closed without notice, perhaps while its caller writes
        setUnlessSet("sun.net.httpserver.maxRspTime", "70"); // beyond the longest request.timeout.ms
    }

    private static void setUnlessSet(String name, String value) {
        if (System.getProperty(name) == null) System.setProperty(name, value);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
