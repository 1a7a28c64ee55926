package chatprobe.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One message for the session that the user data names: the contract's <code>Request3rdServer</code>, checked.
 *
 * @param referenceId the caller's id, 1 to 2^32 - 1. It goes back in the HTTP answer and nowhere else: towards the Chat
 *     Server the PSDK uses ids of its own.
 * @param appName the Chat Server to ask, null to ask any (by type).
 * @param request what goes to the Chat Server as it came: AppName, AppType, Service, Method, Parameters.
 */
record EspRequest(long referenceId, String appName, ObjectNode request, ObjectNode userData) {}
