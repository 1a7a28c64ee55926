import { INTERACTION_ID_RULE } from '../../probe/probe-order.ts';
import { MAX_RELEASE_MINUTES, MIN_RELEASE_MINUTES, RELEASE_MINUTES } from '../guard-route.ts';
import { DEFAULT_TARGET } from '../probe-lookup.ts';
import { type Html, html } from './html.ts';
import type { StatusData } from './status-data.ts';

/** Finds what is kept of a chat. @param isWrong whether it is no interaction id. */
export function lookUpForm(id: string | null, isWrong: boolean): Html {
  const wrong = html`<p id="look-up-wrong" class="notice bad" role="alert">This is no interaction id: it must be ${INTERACTION_ID_RULE}.</p>`;
  return html`<form method="get" action="/status#look-up" role="search" class="line"><label for="look-up-id">Interaction id</label>
<input id="look-up-id" name="id" value="${id}" maxlength="256" autocomplete="off" spellcheck="false" placeholder="02JH8H2FE3Q3T00E" aria-invalid="${String(isWrong)}" aria-describedby="look-up-wrong">
<button>Look up</button></form>${isWrong && wrong}`;
}

/** Chooses whose state is shown; nothing where there is no choice. */
export function targetForm({ allTargets, target }: StatusData): Html {
  if (allTargets.length < 2) return html``;
  return html`<form method="get" action="/status#now-title" class="line"><label for="shown-target">Show</label>
<select id="shown-target" name="target"><option value="">all targets</option>${options(allTargets, target)}</select> <button>Show</button></form>`;
}

export function guardForm({ allTargets, target }: StatusData): Html {
  return html`<section id="guard" aria-labelledby="guard-title" class="card"><h2 id="guard-title">Release the guard</h2>
<p>If you are sure that the chats are dead, let stops pass although there are many. Each instance has its own guard.</p>
<form method="post" action="/status/guard"><div class="field"><label for="guard-target">Target</label>
<select id="guard-target" name="target">${options(allTargets, target ?? DEFAULT_TARGET)}</select></div>
<div class="field"><label for="guard-minutes">For how many minutes</label>
<input id="guard-minutes" name="minutes" type="number" inputmode="numeric" min="${MIN_RELEASE_MINUTES}" max="${MAX_RELEASE_MINUTES}" value="${RELEASE_MINUTES}" required></div>
<button class="careful">Release the guard</button></form></section>`;
}

export function probeForm({ allTargets, policies, target, chatServers }: StatusData): Html {
  const servers = [...new Set([...chatServers.values()].flat())];
  return html`<section id="ask" aria-labelledby="ask-title" class="card"><h2 id="ask-title">Ask about a chat</h2>
<p>This sends a hidden message to the chat, which stays in its transcript. The answer comes when it is known, at the latest by the policy’s deadline.</p>
<form method="post" action="/status/probe"><div class="field"><label for="ask-id">Interaction id</label>
<input id="ask-id" name="id" maxlength="64" autocomplete="off" spellcheck="false" required></div>
<div class="field"><label for="ask-server">Its Chat Server, if known</label>
<input id="ask-server" name="chatServerAppName" maxlength="256" autocomplete="off" spellcheck="false" list="servers"><datalist id="servers">${servers.map((name) => html`<option value="${name}"></option>`)}</datalist></div>
<div class="field"><label for="ask-target">Target</label>
<select id="ask-target" name="target">${options(allTargets, target ?? DEFAULT_TARGET)}</select></div>
<div class="field"><label for="ask-policy">Policy</label>
<select id="ask-policy" name="policy"><option value="">the target’s own</option>${options(policies, null)}</select></div>
<button>Ask</button></form></section>`;
}

function options(names: readonly string[], chosen: string | null): readonly Html[] {
  return names.map((name) =>
    name === chosen ? html`<option value="${name}" selected>${name}</option>` : html`<option value="${name}">${name}</option>`,
  );
}
