package chatprobe.gateway;

/** A text is not JSON, or deeper than we read. The message says where, and never quotes the text. */
final class JsonProblem extends Exception {
    private static final long serialVersionUID = 1L;

    JsonProblem(String what, int at) {
        super(what + " at character " + at);
    }
}
