package chatprobe.gateway;

/** What became of a message. */
sealed interface Outcome {
    /** @param server the name of the Chat Server that did. */
    record Replied(EspReply reply, String server) implements Outcome {}

    /** The Chat Server refused the connection: it is down, and nothing was sent. */
    record Down() implements Outcome {}

    /** No Chat Server of that name is configured. */
    record UnknownName() implements Outcome {}

    /** Time was up before anything was sent. */
    record Expired() implements Outcome {}

    /** Cannot tell. @param why for log and answer: words of ours, no text from outside. */
    record NoAnswer(String why) implements Outcome {}
}
