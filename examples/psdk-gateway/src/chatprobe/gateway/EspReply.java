package chatprobe.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a Chat Server said.
 *
 * @param request the reply's own attribute <code>request</code>, null if it has none.
 * @param userData likewise.
 */
record EspReply(Kind kind, ObjectNode request, ObjectNode userData) {
    enum Kind {
        /** <code>Event3rdServerResponse</code>. */
        RESPONSE,
        /** <code>Event3rdServerFault</code>. */
        FAULT,
        /** A message that nobody expects here: proof of nothing. */
        UNEXPECTED
    }
}
