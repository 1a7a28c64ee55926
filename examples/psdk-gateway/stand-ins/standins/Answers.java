package standins;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerFault;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerResponse;
import com.genesyslab.platform.openmedia.protocol.externalservice.request.Request3rdServer;
import java.util.Set;

/** What a scripted Chat Server says to a message. */
public interface Answers {
    /** Null for no answer at all. */
    Message to(Request3rdServer request);

    default long delayMs(int referenceId) {
        return (referenceId * 7L) % 20;
    }

    /** Has the sessions of the system property <code>standins.live</code>, ids with commas between; every other id gets fault 100. */
    static Answers session() {
        Set<String> live = Set.of(System.getProperty("standins.live", "0006Ka9HFHRR0T2B").split(","));
        return request -> live.contains(idIn(request)) ? response(request) : fault("100", "interaction with specified id was not found");
    }

    static Answers none() {
        return request -> null;
    }

    static Answers unexpected() {
        return request -> new Message() {};
    }

    static Answers same(Message message) {
        return request -> message;
    }

    /** Echoes the user data, as the contract's example does. */
    static Message response(Request3rdServer request) {
        return Event3rdServerResponse.create(frame(), request.getUserData());
    }

    static Message fault(String code, String text) {
        KeyValueCollection parameters = new KeyValueCollection();
        parameters.addString("FaultCode", code);
        parameters.addString("FaultString", text);
        KeyValueCollection frame = frame();
        frame.addList("Parameters", parameters);
        return Event3rdServerFault.create(frame);
    }

    static KeyValueCollection frame() {
        KeyValueCollection frame = new KeyValueCollection();
        frame.addString("Service", "Chat");
        frame.addString("Method", "Message");
        return frame;
    }

    /** The interaction's id, empty if the user data has none. */
    static String idIn(Request3rdServer request) {
        for (Object each : request.getUserData())
            if (each instanceof KeyValuePair pair && pair.getStringKey().equals("InteractionId")) return String.valueOf(pair.getValue());
        return "";
    }
}
