package chatprobe.gateway;

import static chatprobe.gateway.Tests.holds;
import static chatprobe.gateway.Tests.same;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerFault;
import com.genesyslab.platform.openmedia.protocol.externalservice.event.Event3rdServerResponse;
import java.util.Map;
import standins.Answers;
import standins.FarEnd;
import standins.FarEnds;

/** From HTTP through the PSDK's classes (stand-ins) and back. */
final class MappingTests {
    private MappingTests() {}

    static void addTo(Tests tests) {
        tests.test("mapping: a live session is the contract's delivered message", () -> {
            Json.Obj answer = answerFrom(FarEnd.chatServer(Answers.session()), Fixtures.LIVE);
            same(Fixtures.message("delivered").get("request"), answer.get("request"));
            same(new Json.Text("Event3rdServerResponse"), answer.get("messageName"));
            same(new Json.Text(Fixtures.LIVE), ((Json.Obj) answer.get("userData")).get("InteractionId"));
        });
        tests.test("mapping: a lost session is the contract's fault 100, its code a string", () ->
            same(Fixtures.message("sessionNotFound"), answerFrom(FarEnd.chatServer(Answers.session()), Fixtures.DEAD)));
        tests.test("mapping: a fault code that came as a number goes as a string", () -> {
            KeyValueCollection parameters = new KeyValueCollection();
            parameters.addInt("FaultCode", 100);
            parameters.addString("FaultString", "interaction with specified id was not found");
            KeyValueCollection frame = Answers.frame();
            frame.addList("Parameters", parameters);
            same(Fixtures.message("sessionNotFound"), answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerFault.create(frame))), Fixtures.DEAD));
        });
        tests.test("mapping: an unknown fault goes as it came", () ->
            same(Fixtures.message("unrecognisedFault"), answerFrom(FarEnd.chatServer(Answers.same(Answers.fault("999", "something undocumented"))), Fixtures.DEAD)));
        tests.test("mapping: a fault without attributes stays a fault", () ->
            same("{\"messageName\":\"Event3rdServerFault\",\"referenceId\":7}",
                JsonWriter.write(answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerFault.create(null))), Fixtures.DEAD))));
        tests.test("mapping: a refused connection is the contract's Not found by name", () -> {
            try (Client client = Client.of("ChatServer_1=down.stand-in:4801")) {
                same(Fixtures.message("chatServerNotFoundByName"), client.ask(7, "ChatServer_1", Fixtures.DEAD).json());
            }
        });
        for (String host : new String[] {"unreachable.stand-in", "timing-out.stand-in", "no-such-host.stand-in", "silent.stand-in", "hanging.stand-in"})
            tests.test("mapping: a Chat Server at " + host + " proves nothing: 504", () -> {
                try (Client client = Client.impatient("ChatServer_1=" + host + ":4801")) {
                    same(504, client.ask(7, "ChatServer_1", Fixtures.DEAD).status());
                }
            });
        tests.test("mapping: a name without configuration is 422, and nobody is asked", () -> {
            FarEnd farEnd = FarEnds.put("named.test", FarEnd.chatServer(Answers.session()));
            try (Client client = Client.of("ChatServer_1=named.test:4801")) {
                same(422, client.ask(7, "chatserver_1", Fixtures.LIVE).status());
            }
            same(0, farEnd.received().size());
        });
        tests.test("mapping: a message that is no reply is 502", () -> {
            try (Client client = Client.of("ChatServer_1=odd.stand-in:4801")) {
                same(502, client.ask(7, "ChatServer_1", Fixtures.DEAD).status());
            }
        });
        tests.test("mapping: the Chat Server gets request and user data as they came", () -> {
            FarEnd farEnd = FarEnds.put("mapped.test", FarEnd.chatServer(Answers.session()));
            Json.Obj message = Fixtures.request(7, "ChatServer_1", Fixtures.LIVE);
            Json.Obj sent = Fixtures.with(message, "userData", JsonReader.read(
                "{\"InteractionId\":\"x\",\"n\":-2147483648,\"big\":2147483648,\"part\":1.50,\"in\":{\"\u5c71\":\"\"}}"));
            try (Client client = Client.of("ChatServer_1=mapped.test:4801")) {
                same(200, client.post(JsonWriter.write(sent)).status());
            }
            same(message.get("request"), PsdkLists.jsonOf(farEnd.received().get(0).getRequest()));
            same("{\"InteractionId\":\"x\",\"n\":-2147483648,\"big\":\"2147483648\",\"part\":\"1.50\",\"in\":{\"\\u5c71\":\"\"}}",
                JsonWriter.write(PsdkLists.jsonOf(farEnd.received().get(0).getUserData())));
        });
        tests.test("mapping: a list shows strings, numbers and lists; what it cannot show is an empty list, of no key or value nothing", () -> {
            KeyValueCollection list = new KeyValueCollection();
            list.addString("a", "1");
            list.addBinary("b", new byte[] {1});
            list.addString("a", "1");
            list.addString("c", null);
            list.addString(null, "3");
            same("{\"a\":\"1\",\"b\":[]}", JsonWriter.write(PsdkLists.jsonOf(list)));
        });
        tests.test("mapping: a key given twice with different values shows both, so that nobody takes one for the other", () -> {
            KeyValueCollection list = new KeyValueCollection();
            list.addString("a", "1");
            list.addInt("a", 1);
            list.addString("a", "2");
            same("{\"a\":[[\"1\",1],\"2\"]}", JsonWriter.write(PsdkLists.jsonOf(list)));
        });
        tests.test("mapping: a response that carries a fault's code is handed on with it, as a string", () -> {
            KeyValueCollection parameters = new KeyValueCollection();
            parameters.addInt("FaultCode", 100);
            KeyValueCollection frame = Answers.frame();
            frame.addList("Parameters", parameters);
            Json.Obj answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
            same(new Json.Text("Event3rdServerResponse"), answer.get("messageName"));
            same(new Json.Text("100"), ((Json.Obj) ((Json.Obj) answer.get("request")).get("Parameters")).get("FaultCode"));
        });
        tests.test("mapping: a fault's code that cannot be told does not pass for absent, in a reply of any size", () -> {
            for (String filling : new String[] {"", "x".repeat(70_000)}) {
                KeyValueCollection parameters = new KeyValueCollection();
                parameters.addBinary("FaultCode", new byte[] {1});
                KeyValueCollection frame = Answers.frame();
                frame.addList("Parameters", parameters);
                frame.addString("Filling", filling);
                Json.Obj answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
                same("{\"FaultCode\":[]}", JsonWriter.write(((Json.Obj) answer.get("request")).get("Parameters")));
            }
        });
        tests.test("mapping: parameters given twice do not pass for absent, in a reply of any size", () -> {
            for (String filling : new String[] {"", "x".repeat(70_000)}) {
                KeyValueCollection parameters = new KeyValueCollection();
                parameters.addString("FaultCode", "100");
                KeyValueCollection frame = Answers.frame();
                frame.addList("Parameters", parameters);
                frame.addList("Parameters", new KeyValueCollection());
                frame.addString("Filling", filling);
                Json.Obj answer = answerFrom(FarEnd.chatServer(Answers.same(Event3rdServerResponse.create(frame, null))), Fixtures.DEAD);
                holds(((Json.Obj) answer.get("request")).get("Parameters") instanceof Json.Arr, "they pass for one");
            }
        });
        tests.test("mapping: a reply with more than fits keeps what the verdict rests on", () -> {
            Json.Obj parameters = new Json.Obj(Map.of("FaultCode", new Json.Text("100"), "FaultString", new Json.Text("x".repeat(70_000))));
            Json.Obj request = new Json.Obj(Map.of("Service", new Json.Text("Chat"), "Parameters", parameters));
            String answer = ReplyJson.answer(4294967295L, new EspReply(EspReply.Kind.FAULT, request, request));
            holds(answer.length() <= ReplyJson.MAX_CHARACTERS, "it has " + answer.length() + " characters");
            Json.Obj read = (Json.Obj) JsonReader.read(answer);
            same(new Json.Num("4294967295"), read.get("referenceId"));
            same(new Json.Text("100"), ((Json.Obj) ((Json.Obj) read.get("request")).get("Parameters")).get("FaultCode"));
        });
    }

    private static Json.Obj answerFrom(FarEnd farEnd, String id) throws Exception {
        FarEnds.put("mapping.test", farEnd);
        try (Client client = Client.of("ChatServer_1=mapping.test:4801")) {
            Client.Answer answer = client.ask(7, "ChatServer_1", id);
            same(200, answer.status());
            same("application/json", answer.header("content-type"));
            return answer.json();
        }
    }
}
