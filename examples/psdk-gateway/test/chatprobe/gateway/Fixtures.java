package chatprobe.gateway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The contract's own messages, and messages made from them. */
final class Fixtures {
    static final String LIVE = "0006Ka9HFHRR0T2B";
    static final String DEAD = "02JH8H2FE3Q3T00E";

    private Fixtures() {}

    static Json.Obj message(String name) throws Exception {
        Json.Obj all = (Json.Obj) JsonReader.read(Files.readAllBytes(Path.of(System.getProperty("fixtures"))));
        return (Json.Obj) all.get(name);
    }

    /** The example request for another chat and Chat Server. @param appName null to leave it out. */
    static Json.Obj request(long referenceId, String appName, String id) throws Exception {
        Json.Obj request = message("request");
        Json.Obj asked = (Json.Obj) request.get("request");
        asked = appName == null ? without(asked, "AppName") : with(asked, "AppName", new Json.Text(appName));
        Json.Obj userData = with(with((Json.Obj) request.get("userData"), "InteractionId", new Json.Text(id)), "Id", new Json.Text(id));
        return with(with(with(request, "referenceId", Json.Num.of(referenceId)), "request", asked), "userData", userData);
    }

    static Json.Obj with(Json.Obj object, String name, Json value) {
        Map<String, Json> members = new LinkedHashMap<>(object.members());
        members.put(name, value);
        return new Json.Obj(members);
    }

    static Json.Obj without(Json.Obj object, String name) {
        Map<String, Json> members = new LinkedHashMap<>(object.members());
        members.remove(name);
        return new Json.Obj(members);
    }
}
