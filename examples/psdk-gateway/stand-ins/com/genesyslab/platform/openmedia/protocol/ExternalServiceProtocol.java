package com.genesyslab.platform.openmedia.protocol;

import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.Endpoint;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerFault;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerResponse;
import com.genesyslab.platform.openmedia.protocol.externalservice.request.Request3rdServer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import standins.FarEnd;
import standins.FarEnds;
import standins.Wire;

/**
 * Stand-in, written by hand: the name and the signatures only, none of the Platform SDK. It talks to no network but to a
 * {@link FarEnd} in the same process. Like the real one it gives each request an id of its own and hands each reply to the
 * request it belongs to.
 */
public final class ExternalServiceProtocol {
    /** One numbering for all connections, so that a gateway that mixes up replies cannot look right by chance. */
    private static final AtomicInteger NEXT_ID = new AtomicInteger(70_000);

    private final FarEnd farEnd;
    private final Endpoint endpoint;
    private final Wire wire;
    private final Map<Integer, CompletableFuture<Message>> waiting = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile ChannelState state = ChannelState.Closed;

    public ExternalServiceProtocol(Endpoint endpoint) {
        farEnd = FarEnds.at(endpoint.getHost());
        this.endpoint = endpoint;
        wire = new Wire(endpoint);
    }

    public void open() throws ProtocolException, InterruptedException {
        if (closed.getCount() == 0) throw new IllegalStateException("opened again after it was closed");
        state = ChannelState.Opening;
        farEnd.accept(this, closed, wire);
        state = ChannelState.Opened;
    }

    public Endpoint getEndpoint() {
        return endpoint;
    }

    public ChannelState getState() {
        return state;
    }

    /** @return null if no reply came within so many milliseconds. */
    public Message request(Message message, long timeoutMs) throws ProtocolException, InterruptedException {
        if (state != ChannelState.Opened) throw new IllegalStateException("not opened");
        int id = NEXT_ID.getAndIncrement();
        CompletableFuture<Message> reply = new CompletableFuture<>();
        waiting.put(id, reply);
        try {
            Request3rdServer request = (Request3rdServer) message;
            request.setReferenceId(id);
            Request3rdServer arrived = Request3rdServer.create(wire.carry(request.getRequest()), wire.carry(request.getUserData()));
            arrived.setReferenceId(id);
            farEnd.take(arrived, (answeredId, answer) -> {
                CompletableFuture<Message> asker = waiting.get(answeredId);
                if (asker != null) asker.complete(carried(answer));
            });
            return reply.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException none) {
            return null;
        } catch (ExecutionException lost) {
            throw new ProtocolException("channel closed", lost.getCause());
        } finally {
            waiting.remove(id);
        }
    }

    private Message carried(Message answer) {
        if (answer instanceof Event3rdServerResponse response) return Event3rdServerResponse.create(wire.carry(response.getRequest()), wire.carry(response.getUserData()));
        if (answer instanceof Event3rdServerFault fault) return Event3rdServerFault.create(wire.carry(fault.getRequest()));
        return answer;
    }

    public void close() throws ProtocolException, InterruptedException {
        state = ChannelState.Closed;
        farEnd.forget(this);
        closed.countDown();
        for (CompletableFuture<Message> asker : waiting.values()) asker.completeExceptionally(new IllegalStateException("closed"));
    }
}
