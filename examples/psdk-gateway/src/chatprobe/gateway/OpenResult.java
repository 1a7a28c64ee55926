package chatprobe.gateway;

/** What became of opening a connection. */
sealed interface OpenResult {
    record Opened(KeptConnection connection) implements OpenResult {}

    /** The host answered that nobody listens there. */
    record Refused() implements OpenResult {}

    /** @param why for the log: the class of what was thrown, never its text. */
    record Failed(String why) implements OpenResult {}
}
