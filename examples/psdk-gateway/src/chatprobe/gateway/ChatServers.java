package chatprobe.gateway;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The configured Chat Servers, and who of them gets a message. */
final class ChatServers {
    /** A server can go away between being chosen and being sent to; then another is chosen, nothing having been sent. */
    private static final int MAX_CHOICES = 3;
    /** Messages by type also bring back the servers that they do not go to, but not one opening for each message. */
    private static final long RECONNECT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, ChatServerLink> links;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicLong lastRoundNanos = new AtomicLong(System.nanoTime());

    /** @param links by name, at least one. */
    ChatServers(Map<String, ChatServerLink> links) {
        this.links = new LinkedHashMap<>(links);
    }

    /** By name if the request has one, else any that is connected. Never throws. */
    Outcome ask(EspRequest request, Deadline deadline) {
        if (request.appName() == null) return askAny(request, deadline);
        ChatServerLink link = links.get(request.appName());
        return link == null ? new Outcome.UnknownName() : link.send(request, deadline);
    }

    /** Starts connecting to every server that is not connected, and waits for none. */
    void connectAll() {
        for (ChatServerLink link : links.values()) if (!link.isOpen()) link.connect();
    }

    /** True if a server is connected, or one can be within the time. */
    boolean isAnyConnected(long waitMs) {
        boolean known = links.values().stream().anyMatch(ChatServerLink::isOpen);
        connectAll();
        return known || firstToOpen(waitMs) != null;
    }

    void close() {
        links.values().forEach(ChatServerLink::close);
    }

    /** Down only if every configured server refuses: one that is merely out of reach may have the session. */
    private Outcome askAny(EspRequest request, Deadline deadline) {
        for (int i = 0; i < MAX_CHOICES; i++) {
            if (deadline.leftMs() == 0) return new Outcome.Expired();
            ChatServerLink link = choose(deadline.leftMs());
            if (link == null) return links.values().stream().allMatch(ChatServerLink::isRefused) ? new Outcome.Down() : new Outcome.NoAnswer("no Chat Server can be reached");
            Outcome outcome = link.send(request, deadline);
            if (!(outcome instanceof Outcome.Down)) return outcome;
        }
        return new Outcome.NoAnswer("no Chat Server stays connected");
    }

    /** The connected servers in turn; if there is none, the first that can be connected. */
    private ChatServerLink choose(long waitMs) {
        List<ChatServerLink> open = links.values().stream().filter(ChatServerLink::isOpen).toList();
        if (open.isEmpty()) return firstToOpen(waitMs);
        if (open.size() < links.size()) connectAllNowAndThen();
        return open.get(Math.floorMod(turn.getAndIncrement(), open.size()));
    }

    private void connectAllNowAndThen() {
        long nowNanos = System.nanoTime();
        long lastNanos = lastRoundNanos.get();
        if (nowNanos - lastNanos >= RECONNECT_EVERY_NANOS && lastRoundNanos.compareAndSet(lastNanos, nowNanos)) connectAll();
    }

    /** Null if all fail or time is up first. */
    private ChatServerLink firstToOpen(long waitMs) {
        CompletableFuture<ChatServerLink> first = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger(links.size());
        for (ChatServerLink link : links.values()) {
            link.connect().thenAccept(result -> {
                if (result instanceof OpenResult.Opened) first.complete(link);
                if (left.decrementAndGet() == 0) first.complete(null);
            });
        }
        try {
            return first.get(waitMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException | ExecutionException none) {
            return null;
        }
    }
}
