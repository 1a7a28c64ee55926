package standins;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import com.genesyslab.platform.commons.connection.configuration.ConnectionConfiguration;
import com.genesyslab.platform.commons.protocol.Endpoint;
import java.nio.charset.Charset;

/** What travelling does to a message: strings go as bytes in the connection's character set, or in the locale's if it names none. */
public final class Wire {
    private final Charset charset;
    private final String tls;

    public Wire(Endpoint endpoint) {
        ConnectionConfiguration configuration = endpoint.getConfiguration();
        String named = configuration.getOption("stand-in.encoding");
        charset = named == null ? Charset.defaultCharset() : Charset.forName(named);
        boolean upgrades = "1".equals(configuration.getOption("upgrade")) && endpoint.getSSLContext() != null;
        tls = endpoint.isTLSEnabled() ? "secure" : upgrades ? "upgrade" : "off";
    }

    /** How TLS begins: off, secure or upgrade. */
    String tls() {
        return tls;
    }

    /** @return null for null. */
    public KeyValueCollection carry(KeyValueCollection list) {
        if (list == null) return null;
        KeyValueCollection arrived = new KeyValueCollection();
        for (Object each : list) {
            KeyValuePair pair = (KeyValuePair) each;
            String key = carry(pair.getStringKey());
            if (pair.getValue() instanceof KeyValueCollection inner) arrived.addList(key, carry(inner));
            else if (pair.getValue() instanceof Integer number) arrived.addInt(key, number);
            else if (pair.getValue() instanceof byte[] bytes) arrived.addBinary(key, bytes);
            else arrived.addString(key, carry((String) pair.getValue()));
        }
        return arrived;
    }

    private String carry(String text) {
        return text == null ? null : new String(text.getBytes(charset), charset);
    }
}
