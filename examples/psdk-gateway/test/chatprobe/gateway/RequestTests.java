package chatprobe.gateway;

import static chatprobe.gateway.Fixtures.with;
import static chatprobe.gateway.Fixtures.without;
import static chatprobe.gateway.Tests.same;

import java.util.List;
import java.util.Map;

final class RequestTests {
    private RequestTests() {}

    static void addTo(Tests tests) {
        tests.test("request: the contract's own is sound", () -> {
            EspRequest request = new EspRequestReader().read(Fixtures.message("request"));
            same(7L, request.referenceId());
            same("ChatServer_1", request.appName());
        });
        tests.test("request: AppName, Visibility and MessageType may be absent or given", () -> {
            same(List.of(), problemsOf(changed("request", without(part("request"), "AppName"))));
            same(List.of(), problemsOf(withParameters(without(parameters(), "Visibility"))));
            same(List.of(), problemsOf(withParameters(with(parameters(), "MessageType", new Json.Text("text")))));
        });
        for (String id : List.of("1", "2147483648", "4294967295"))
            tests.test("request: takes the reference id " + id, () -> same(List.of(), problemsOf(changed("referenceId", new Json.Num(id)))));
        for (String id : List.of("0", "-1", "4294967296", "1.0", "1e3", "99999999999999999999"))
            tests.test("request: refuses the reference id " + id, () ->
                same(List.of("referenceId must be a whole number from 1 to 4294967295"), problemsOf(changed("referenceId", new Json.Num(id)))));
        tests.test("request: refuses another message, service, method, type of application, visibility", () -> {
            Json other = new Json.Text("Other");
            same(List.of("messageName must be one of [Request3rdServer]"), problemsOf(changed("messageName", other)));
            same(List.of("request.AppType must be one of [ChatServer]"), problemsOf(changed("request", with(part("request"), "AppType", other))));
            same(List.of("request.Service must be one of [Chat]"), problemsOf(changed("request", with(part("request"), "Service", other))));
            same(List.of("request.Method must be one of [Message]"), problemsOf(changed("request", with(part("request"), "Method", other))));
            same(List.of("request.Parameters.Visibility must be one of [ALL, INT, VIP]"), problemsOf(withParameters(with(parameters(), "Visibility", other))));
        });
        tests.test("request: refuses attributes that the contract does not have", () -> {
            same(List.of("body has an unknown attribute"), problemsOf(changed("extra", new Json.Null())));
            same(List.of("request has an unknown attribute"), problemsOf(changed("request", with(part("request"), "Appname", new Json.Text("x")))));
            same(List.of("request.Parameters has an unknown attribute"), problemsOf(withParameters(with(parameters(), "Text", new Json.Text("x")))));
        });
        tests.test("request: refuses user data without anything, or with what a list cannot hold", () -> {
            same(List.of("userData must hold the interaction's id"), problemsOf(changed("userData", new Json.Obj(Map.of()))));
            Json.Obj inner = new Json.Obj(Map.of("a", new Json.Arr(List.of())));
            same(List.of("userData may hold strings, numbers and objects only"), problemsOf(changed("userData", new Json.Obj(Map.of("b", inner)))));
        });
        tests.test("request: tells several problems in one go", () ->
            same(List.of("messageName must be one of [Request3rdServer]", "request.Parameters.MessageText must be a string"),
                problemsOf(with(withParameters(without(parameters(), "MessageText")), "messageName", new Json.Null()))));
        tests.test("request: refuses an empty AppName", () ->
            same(List.of("request.AppName must be a string that is not empty, or absent"), problemsOf(changed("request", with(part("request"), "AppName", new Json.Text(""))))));
    }

    private static List<String> problemsOf(Json message) {
        EspRequestReader reader = new EspRequestReader();
        EspRequest request = reader.read(message);
        same(request == null, !reader.problems().isEmpty());
        return reader.problems();
    }

    private static Json.Obj changed(String name, Json value) throws Exception {
        return with(Fixtures.message("request"), name, value);
    }

    private static Json.Obj part(String name) throws Exception {
        return (Json.Obj) Fixtures.message("request").get(name);
    }

    private static Json.Obj parameters() throws Exception {
        return (Json.Obj) part("request").get("Parameters");
    }

    private static Json.Obj withParameters(Json.Obj parameters) throws Exception {
        return changed("request", with(part("request"), "Parameters", parameters));
    }
}
