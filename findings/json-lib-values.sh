#!/usr/bin/env bash
set -euo pipefail

# Package   json-lib 2.4 for Java (Debian 12: libjson-java 2.4-3.1, and the five libraries it needs); needs Debian, a JDK
# Guess     Of this old library one remembers that it takes a text for what it looks like: the text "null" would be read as
#           null. Decimal numbers are read as a double, exact to about 16 digits.
# Seen      The text "null" gets two quotes more: it is read as six characters and written as six, but put into an
#           object by hand it is null. A decimal number is read through a 32-bit float, so 16777217.0 is one less and a
#           time in seconds with decimals is off by about a minute. Whole numbers stay exact.
# Matters   Java services around a contact centre still carry it. A variable that holds the text "null" never equals "null"
#           again once it has been through, so a check against it does not catch it; and ages computed from event times with
#           decimals are wrong by up to a minute. Send times as whole milliseconds and ids as text, and compare neither
#           after a round trip that was not tried.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq -o APT::Sandbox::User=root libjson-java=2.4-3.1 libezmorph-java=1.0.6-4 \
  libcommons-lang-java=2.6-10+deb12u1 libcommons-collections3-java=3.2.2-2 \
  libcommons-beanutils-java=1.9.4-1+deb12u1 libcommons-logging-java=1.2-3
for package in *.deb; do dpkg -x "$package" deb; done

cat > Try.java <<'JAVA'
import net.sf.json.JSONObject;

public class Try {
    public static void main(String[] arguments) {
        for (String text : new String[] {"\"null\"", "\"Null\"", "16777217.0", "16777217", "1795802172.591"}) {
            JSONObject read = JSONObject.fromObject("{\"v\":" + text + "}");
            System.out.println(text + " reads as " + read.getString("v") + ", is written as " + read);
        }
        JSONObject made = new JSONObject();
        made.put("v", "null");
        System.out.println("the text null, put by hand, is written as " + made);
    }
}
JAVA

seen=$(java -cp "$dir/deb/usr/share/java/*" Try.java)
expected='"null" reads as "null", is written as {"v":"\"null\""}
"Null" reads as Null, is written as {"v":"Null"}
16777217.0 reads as 1.6777216E7, is written as {"v":1.6777216E7}
16777217 reads as 16777217, is written as {"v":16777217}
1795802172.591 reads as 1.79580211E9, is written as {"v":1.79580211E9}
the text null, put by hand, is written as {"v":null}'

echo "json-lib 2.4 (libjson-java 2.4-3.1):"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi
