package chatprobe.gateway;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/** <code>POST /esp</code>: one message, one answer. */
final class EspRoute {
    private final ChatServers chatServers;
    private final Semaphore places;
    private final int requestTimeoutMs;
    private final LongSupplier nanoClock;

    /** @param maxConcurrent messages on their way at a time; who comes when all places are taken is told to come again. */
    EspRoute(ChatServers chatServers, int maxConcurrent, int requestTimeoutMs, LongSupplier nanoClock) {
        this.chatServers = chatServers;
        this.places = new Semaphore(maxConcurrent);
        this.requestTimeoutMs = requestTimeoutMs;
        this.nanoClock = nanoClock;
    }

    /** @param arrivedNanos when the request arrived, on the clock: from then on its time runs. */
    HttpAnswer answer(HttpExchange exchange, long arrivedNanos) throws IOException {
        List<String> types = exchange.getRequestHeaders().get("Content-Type");
        if (types == null || types.size() != 1 || !isJson(types.get(0))) return HttpAnswer.problem(415, "the body must be application/json");
        Long deadlineMs = deadlineMs(exchange.getRequestHeaders().get("X-Deadline-Ms"));
        if (deadlineMs == null) return HttpAnswer.problem(400, "X-Deadline-Ms must be a whole number of milliseconds");
        byte[] body = RequestBody.read(exchange.getRequestBody());
        if (body == null) return HttpAnswer.problem(413, "the body must not be larger than " + RequestBody.MAX_BYTES + " bytes");
        return answer(body, Deadline.of(arrivedNanos, Math.min(deadlineMs, requestTimeoutMs), nanoClock));
    }

    private HttpAnswer answer(byte[] body, Deadline deadline) {
        EspRequestReader reader = new EspRequestReader();
        EspRequest request;
        try {
            request = reader.read(Json.read(body));
        } catch (Json.Problem problem) {
            return HttpAnswer.problem(400, "not JSON: " + problem.getMessage());
        }
        if (request == null) return HttpAnswer.problem(400, "not a Request3rdServer: " + String.join("; ", reader.problems()));
        if (!places.tryAcquire()) return HttpAnswer.problem(429, "too many messages are on their way", Map.of("Retry-After", "1"));
        try {
            return answerOf(request, chatServers.ask(request, deadline));
        } finally {
            places.release();
        }
    }

    private static HttpAnswer answerOf(EspRequest request, Outcome outcome) {
        long id = request.referenceId();
        boolean byName = request.appName() != null;
        if (outcome instanceof Outcome.Replied replied) return answerOf(id, replied);
        if (outcome instanceof Outcome.Down)
            return HttpAnswer.of(200, ReplyJson.notFound(id, byName ? "name" : "type"), "not found " + (byName ? "by name: " + request.appName() : "by type"));
        if (outcome instanceof Outcome.UnknownName) return HttpAnswer.problem(422, "no Chat Server of that name is configured");
        if (outcome instanceof Outcome.Expired) return HttpAnswer.problem(504, "the deadline passed before the message was sent");
        HttpAnswer problem = HttpAnswer.problem(504, "no answer from the Chat Server: " + ((Outcome.NoAnswer) outcome).why());
        return byName ? HttpAnswer.of(problem.status(), problem.body(), problem.note() + ": " + request.appName()) : problem;
    }

    private static HttpAnswer answerOf(long referenceId, Outcome.Replied replied) {
        EspReply reply = replied.reply();
        if (reply.kind() == EspReply.Kind.UNEXPECTED) return HttpAnswer.problem(502, "the Chat Server answered with something that is no reply");
        return HttpAnswer.of(200, ReplyJson.answer(referenceId, reply), (reply.kind() == EspReply.Kind.FAULT ? "fault" : "response") + " from " + replied.server());
    }

    private static boolean isJson(String type) {
        return type.toLowerCase(java.util.Locale.ROOT).matches("application/json\\s*(;\\s*charset=\"?utf-8\"?\\s*)?");
    }

    /** Without the header the gateway's own bound is the only one; null if it makes no sense. */
    private static Long deadlineMs(List<String> headers) {
        if (headers == null) return Long.MAX_VALUE;
        return headers.size() == 1 && headers.get(0).matches("\\d{1,9}") ? Long.valueOf(headers.get(0)) : null;
    }
}
