import { rehearse } from '/tmp/wt/world/src/rehearsal/rehearse.ts';
import { MECHANISMS } from '/tmp/wt/world/src/rehearsal/mechanisms.ts';
import { BUILT_IN_POLICIES } from '/tmp/wt/world/src/probe/policy.ts';
import { parseScenario } from '/tmp/wt/world/src/simulator/scenario/load-scenario.ts';
import { scenariosIn } from '/tmp/wt/world/src/simulator/scenario/scenario-files.ts';
import { chatsOf } from '/tmp/wt/world/src/rehearsal/changed-scenario.ts';
const lib = scenariosIn(new URL('file:///tmp/wt/world/scenarios/'));
const [name, chatsArg, ...mechs] = process.argv.slice(2);
const p = parseScenario(lib.text(name!) ?? '', name); if (!p.ok) throw new Error(p.problems.join());
const chats = chatsArg === '-' ? chatsOf(p.scenario) : Number(chatsArg);
const fig = (r: any) => ({ ls: r.living.stopped, gh: r.dead.routed, ds: r.dead.stopped, unk: r.unknown, wh: r.withheld.map((w: any) => w.because + w.chats).join(), sent: r.messages.sent, del: r.messages.delivered, down: r.messages.toServerDown, pk: r.messages.peakPerSecond, uw: r.messages.peakUnderWay, sus: r.messages.peakToSuspect, rec: r.messages.peakToRecovering, p99: r.verdictMs.p99, max: r.verdictMs.max });
for (const without of [[], ...(mechs.length ? mechs : MECHANISMS).map((m: any) => [m])]) {
  const t = performance.now();
  const r = await rehearse({ scenario: p.scenario, chats, policyName: 'inline', policy: BUILT_IN_POLICIES.inline, plain: false, without: without as any, seed: p.scenario.seed });
  console.log(String(without).padEnd(22), JSON.stringify(fig(r)), Math.round(performance.now() - t));
}
