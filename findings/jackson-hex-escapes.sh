#!/usr/bin/env bash
set -euo pipefail

# Package   Jackson's jackson-core 2.14.1 and jackson-databind 2.14.0 for Java (Debian 12: libjackson2-core-java
#           2.14.1-2~deb12u1, libjackson2-databind-java 2.14.0-1+deb12u1, libjackson2-annotations-java 2.14.0-1); needs
#           Debian, a JDK. jackson-core 2.22.3 from Maven Central does the same.
# Guess     Strict unless told otherwise: the four characters of an escape are hexadecimal digits, or the text is refused.
#           Whether a text is handed over as a String or as its bytes in UTF-8 makes no difference.
# Seen      As a String, a character beyond ASCII counts for the digit that its lowest byte is: U+0661 for a, U+0139 for 9.
#           So \u00 with U+0134 and U+0139 behind it is read as I, and spells the name Id. From bytes the same is refused.
# Matters   Two readers of one text must not find two things in it. A check before Jackson, of the text or by another
#           parser, does not see the name that Jackson then finds, or a name that comes twice. Hand it the bytes, after
#           making sure that they are UTF-8: from bytes it also takes UTF-16 and UTF-32, unasked.
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
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

public class Try {
    interface Reading {
        JsonNode read(ObjectMapper mapper) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        for (String digits : new String[] {"0049", "00\u0134\u0139", "00g1"}) {
            String text = "{\"\\u" + digits + "d\":1}";
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            System.out.println(told(digits) + ": from the String " + name(mapper -> mapper.readTree(text)) + ", from its bytes " + name(mapper -> mapper.readTree(utf8)));
        }
    }

    private static String name(Reading reading) throws Exception {
        try {
            return "the name " + reading.read(new ObjectMapper()).fieldNames().next();
        } catch (JsonProcessingException malformed) {
            return "refused";
        }
    }

    private static String told(String digits) {
        StringBuilder out = new StringBuilder();
        digits.chars().forEach(each -> out.append(each < 128 ? String.valueOf((char) each) : String.format("(U+%04X)", each)));
        return out.toString();
    }
}
JAVA

seen=$(javac -encoding UTF-8 -cp "$jars" Try.java 2>/dev/null && java -cp "$jars." Try)
expected='0049: from the String the name Id, from its bytes the name Id
00(U+0134)(U+0139): from the String the name Id, from its bytes refused
00g1: from the String refused, from its bytes refused'

echo "Jackson 2.14, an object with one name whose first character is an escape:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi
