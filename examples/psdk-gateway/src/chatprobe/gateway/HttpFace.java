package chatprobe.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The gateway contract over HTTP: who may come in, which route it is, and what is written back. */
final class HttpFace implements HttpHandler {
    /** How long a question for the health may wait for a connection. */
    private static final long HEALTH_WAIT_MS = 800;

    private final BearerToken token;
    private final EspRoute esp;
    private final ChatServers chatServers;
    private final ArrivalTimes arrivals;
    private final LongSupplier nanoClock;
    private final Log log;
    private final AtomicInteger inFlight = new AtomicInteger();

    HttpFace(BearerToken token, EspRoute esp, ChatServers chatServers, ArrivalTimes arrivals, LongSupplier nanoClock, Log log) {
        this.token = token;
        this.esp = esp;
        this.chatServers = chatServers;
        this.arrivals = arrivals;
        this.nanoClock = nanoClock;
        this.log = log;
    }

    /** Waits until every request that has arrived has its answer, but no longer than that. */
    void awaitIdle(int seconds) throws InterruptedException {
        synchronized (inFlight) {
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            for (long leftMs = 1; inFlight.get() > 0 && leftMs > 0; leftMs = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime())) inFlight.wait(leftMs);
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        inFlight.incrementAndGet();
        try (exchange) {
            long arrivedNanos = arrivals.currentNanos();
            String route = exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath();
            HttpAnswer answer = answer(exchange, route, arrivedNanos);
            // Before it is written: a caller that has hung up must not hide that its message was sent.
            if (route.equals("POST /esp"))
                log.info("answered %d in %d ms: %s", answer.status(), TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - arrivedNanos), answer.note());
            write(exchange, answer);
        } finally {
            synchronized (inFlight) {
                inFlight.decrementAndGet();
                inFlight.notifyAll();
            }
        }
    }

    private HttpAnswer answer(HttpExchange exchange, String route, long arrivedNanos) throws IOException {
        int refusal = token.refusalOf(exchange.getRequestHeaders().get("Authorization"));
        if (refusal != 0) return HttpAnswer.problem(refusal, "a bearer token is needed", Map.of("WWW-Authenticate", "Bearer"));
        try {
            if (route.equals("POST /esp")) return esp.answer(exchange, arrivedNanos);
            if (route.equals("GET /health")) return health();
        } catch (RuntimeException bug) {
            log.warn("internal error: %s at %s", bug.getClass().getName(), bug.getStackTrace().length > 0 ? bug.getStackTrace()[0] : "?");
            return HttpAnswer.problem(500, "internal error");
        }
        if (route.endsWith(" /esp")) return HttpAnswer.problem(405, "there is only POST /esp", Map.of("Allow", "POST"));
        if (route.endsWith(" /health")) return HttpAnswer.problem(405, "there is only GET /health", Map.of("Allow", "GET"));
        return HttpAnswer.problem(404, "there is only POST /esp and GET /health");
    }

    /** No message goes to a Chat Server for it, but connections that are not there are opened. */
    private HttpAnswer health() {
        boolean connected = chatServers.isAnyConnected(HEALTH_WAIT_MS);
        String state = connected ? "connected" : "disconnected";
        return HttpAnswer.of(connected ? 200 : 503, "{\"interactionServer\":\"" + state + "\"}", state);
    }

    private static void write(HttpExchange exchange, HttpAnswer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), isHead ? -1 : body.length);
        if (isHead) return;
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
