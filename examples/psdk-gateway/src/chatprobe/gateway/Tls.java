package chatprobe.gateway;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** TLS for callers of the gateway, 1.2 and 1.3, and trust in Chat Servers. */
final class Tls {
    private Tls() {}

    static SSLContext contextOf(Settings.TlsKeys keys) throws IOException, GeneralSecurityException {
        char[] password = keys.password().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(Path.of(keys.keystoreFile()))) {
            store.load(file, password);
        }
        boolean hasKey = false;
        for (String alias : Collections.list(store.aliases())) hasKey |= store.isKeyEntry(alias);
        if (!hasKey) throw new GeneralSecurityException("no private key");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** @param caFile certificates in PEM to trust, null for those that the JDK comes with. */
    static SSLContext trusting(String caFile) throws IOException, GeneralSecurityException {
        KeyStore authorities = null;
        if (caFile != null) {
            authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            try (InputStream file = Files.newInputStream(Path.of(caFile))) {
                for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(file))
                    authorities.setCertificateEntry("ca-" + authorities.size(), each);
            }
            if (authorities.size() == 0) throw new GeneralSecurityException("no certificate");
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    static HttpsConfigurator configuratorOf(SSLContext context) {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ours = getSSLContext().getDefaultSSLParameters();
                ours.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
                parameters.setSSLParameters(ours);
            }
        };
    }
}
