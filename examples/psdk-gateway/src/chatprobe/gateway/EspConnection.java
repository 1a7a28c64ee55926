package chatprobe.gateway;

/** One connection to one Chat Server's ESP port. Everything but {@link PsdkConnection} knows the PSDK by this only. */
interface EspConnection {
    /** Makes connections, unopened. */
    interface Maker {
        EspConnection make(ChatServerAddress address);
    }

    /** Connects; called once. @throws Exception whatever the PSDK throws. */
    void open() throws Exception;

    /** False once the connection is known to be lost. */
    boolean isOpen();

    /**
     * Sends once and waits for the reply that belongs to this very message, however many are on their way.
     *
     * @return null if none came in time.
     * @throws Exception whatever the PSDK throws; the message may have left or not.
     */
    EspReply request(EspRequest request, long timeoutMs) throws Exception;

    /** Never throws; safe to call at any time, from any thread, more than once. */
    void close();
}
