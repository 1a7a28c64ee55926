package chatprobe.gateway;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.connection.configuration.PropertyConfiguration;
import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.Endpoint;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.openmedia.protocol.ExternalServiceProtocol;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerFault;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerResponse;
import com.genesyslab.platform.openmedia.protocol.externalservice.request.Request3rdServer;

/**
 * The PSDK, all of it but its key-value lists ({@link PsdkLists}). Written after the names that public documentation and
 * public source give; never compiled against the real PSDK. Should a signature differ, this is the place to change.
 *
 * <p>It is careful not to lean on what is not known: it catches <code>Exception</code> and not the PSDK's own ones, never
 * opens the same object twice, and neither sets nor reads reference ids: matching replies is the PSDK's work.
 */
final class PsdkConnection implements EspConnection {
    /** Public material on the protocol and a real client have it beside Service and Method; straight to the port nobody else adds it. */
    private static final String ESP_VERSION = "1.0";

    private final ExternalServiceProtocol protocol;

    private PsdkConnection(ChatServerAddress address, Settings.ChatConnection settings) {
        PropertyConfiguration configuration = new PropertyConfiguration();
        configuration.setStringsEncoding(settings.charset());
        if (settings.addp() != null) {
            configuration.setUseAddp(true);
            configuration.setAddpClientTimeout(settings.addp().clientTimeoutS());
            configuration.setAddpServerTimeout(settings.addp().serverTimeoutS());
        }
        if (settings.tls() == Settings.ChatTls.UPGRADE) configuration.setOption("upgrade", "1");
        // Under upgrade TLS must not begin at once, but be there when the server asks for it.
        boolean tlsAtOnce = settings.tls() == Settings.ChatTls.SECURE;
        protocol = new ExternalServiceProtocol(
            new Endpoint(address.name(), address.host(), address.port(), configuration, tlsAtOnce, settings.trust(), null));
    }

    static EspConnection.Maker maker(Settings.ChatConnection settings) {
        return address -> new PsdkConnection(address, settings);
    }

    @Override
    public void open() throws Exception {
        protocol.open();
    }

    @Override
    public boolean isOpen() {
        return protocol.getState() == ChannelState.Opened;
    }

    @Override
    public EspReply request(EspRequest request, long timeoutMs) throws Exception {
        KeyValueCollection message = PsdkLists.listOf(request.request());
        message.addString("Version", ESP_VERSION);
        Message reply = protocol.request(Request3rdServer.create(message, PsdkLists.listOf(request.userData())), timeoutMs);
        if (reply == null) return null;
        if (reply instanceof Event3rdServerResponse response)
            return new EspReply(EspReply.Kind.RESPONSE, PsdkLists.jsonOf(response.getRequest()), PsdkLists.jsonOf(response.getUserData()));
        // A fault is documented to have a reference id and a request, and no user data.
        if (reply instanceof Event3rdServerFault fault) return new EspReply(EspReply.Kind.FAULT, PsdkLists.jsonOf(fault.getRequest()), null);
        return new EspReply(EspReply.Kind.UNEXPECTED, null, null);
    }

    @Override
    public void close() {
        try {
            protocol.close();
        } catch (Exception alreadyGone) {
            if (alreadyGone instanceof InterruptedException) Thread.currentThread().interrupt();
        }
    }
}
