#!/usr/bin/env bash
set -euo pipefail

# Package   Jackson's jackson-databind 2.14.0 for Java with jackson-core 2.14.1 (Debian 12: libjackson2-databind-java
#           2.14.0-1+deb12u1, libjackson2-core-java 2.14.1-2~deb12u1, libjackson2-annotations-java 2.14.0-1); needs Debian,
#           a JDK. 2.22.3 from Maven Central reads 1e400 as it is, and still throws for the longer exponent.
# Guess     With USE_BIG_DECIMAL_FOR_FLOATS a tree holds every number of JSON exactly, however large; what cannot be held
#           is a JsonProcessingException, like all that Jackson refuses.
# Seen      A number beyond a double is infinity in spite of it, because Jackson first asks whether it is "not a number", by
#           reading it as a double; written again it is the text "Infinity". An exponent of eleven digits, if that question is
#           answered with no, ends in a NumberFormatException, which is no JsonProcessingException and nobody declares.
# Matters   The number turns into a text in user data without a word, and the exception passes every handler for malformed
#           bodies: the sender gets 500, and a gateway's 500 is asked again, while a 400 would have told what was wrong.
#           Catch NumberFormatException beside it, and try numbers beyond 1e308.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq -o APT::Sandbox::User=root libjackson2-core-java=2.14.1-2~deb12u1 \
  libjackson2-databind-java=2.14.0-1+deb12u1 libjackson2-annotations-java=2.14.0-1
for package in *.deb; do dpkg -x "$package" deb; done
jars=$(printf '%s:' deb/usr/share/java/jackson-*-2.14.?.jar)

cat > Try.java <<'JAVA'
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

public class Try {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    public static void main(String[] arguments) throws Exception {
        for (String number : new String[] {"1e308", "1e400", "1e99999999999"}) {
            JsonParser honest = new JsonParserDelegate(MAPPER.createParser(number)) {
                @Override
                public boolean isNaN() {
                    return false;
                }
            };
            System.out.println(number + ": " + told(MAPPER.createParser(number)) + "; where isNaN says no: " + told(honest));
        }
    }

    private static String told(JsonParser parser) {
        try {
            return "written again " + MAPPER.writeValueAsString(MAPPER.readValue(parser, JsonNode.class));
        } catch (Exception refused) {
            return refused.getClass().getName();
        }
    }
}
JAVA

seen=$(javac -encoding UTF-8 -cp "$jars" Try.java 2>/dev/null && java -cp "$jars." Try)
expected='1e308: written again 1E+308; where isNaN says no: written again 1E+308
1e400: written again "Infinity"; where isNaN says no: written again 1E+400
1e99999999999: written again "Infinity"; where isNaN says no: java.lang.NumberFormatException'

echo "Jackson 2.14, with USE_BIG_DECIMAL_FOR_FLOATS:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi
