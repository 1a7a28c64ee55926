package chatprobe.gateway;

import java.util.List;
import java.util.Map;

/** A JSON value. Only what a gateway needs: no number is ever computed with, so numbers stay the text they came as. */
sealed interface Json {
    /** Members in the order in which they came. */
    record Obj(Map<String, Json> members) implements Json {
        /** The member of that name, null where there is none. */
        Json get(String name) {
            return members.get(name);
        }
    }

    record Arr(List<Json> items) implements Json {}

    record Text(String value) implements Json {}

    /** @param text a number by the JSON grammar, as it was written. */
    record Num(String text) implements Json {
        static Num of(long value) {
            return new Num(Long.toString(value));
        }
    }

    record Bool(boolean value) implements Json {}

    record Null() implements Json {}
}
