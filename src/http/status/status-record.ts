import type { EvidenceRecord, KeptAttempt } from '../../evidence/evidence-record.ts';
import { type Html, html } from './html.ts';
import { moment } from './moments.ts';

/** A policy may have a hundred. */
const MOST_ATTEMPTS = 12;

/**
 * What is kept of one probe: the sentence that tells why, and behind it what that rests on.
 *
 * @param place tells apart the places of a page where one record can stand.
 */
export function recordItem(record: EvidenceRecord, nowMs: number, place: string): Html {
  const { probeId, interactionId, answered } = record;
  return html`<li class="record ${answered}">
<div class="heading"><h3><a class="id" href="/status?id=${encodeURIComponent(interactionId)}#look-up"><bdi>${interactionId}</bdi></a></h3>
<p class="facts">${moment(Date.parse(record.answeredAt), nowMs)} · ${serverOf(record)} · <bdi>${record.target}</bdi> · <code>${record.reason}</code>${record.requests > 1 && html` · ${record.requests} requests`}${record.truth !== null && html` · was told to be <strong>${record.truth}</strong>`}</p></div>
<p class="explanation"><bdi>${record.explanation}</bdi></p>
<details id="${place}-${probeId}"><summary id="${place}-${probeId}-more">What it rests on<span class="unseen">, for ${interactionId}</span></summary>
${factsOf(record)}
${attemptsOf(record)}
</details>
</li>`;
}

function serverOf({ chatServer }: EvidenceRecord): Html {
  return chatServer === null ? html`by type` : html`<bdi>${chatServer}</bdi>`;
}

/** No user data is among them: evidence keeps none. */
function factsOf(record: EvidenceRecord): Html {
  const { state } = record;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Probe', record.probeId],
    ['Request', record.requestId],
    ['Asked by', record.caller],
    ['Evidence', record.evidence + (record.degraded ? ', degraded' : '')],
    ['The probe concluded', record.verdict],
    ['Withheld because', record.cause],
    ['Would have been, unless in shadow', record.shadowVerdict],
    ['Served by', record.servedBy],
    ['Policy', record.policy],
    ['Took', `${record.elapsedMs} ms`],
    ['Fault', record.faultCode === null ? null : `${record.faultCode}: ${record.faultString ?? ''}`],
    ['Chat Server then', state.chatServer],
    ['Guard then', state.guard],
    ['Chat Servers down then', String(state.chatServersDown)],
    ['Gateway then', state.gatewayOpen ? 'left alone' : null],
    ['Answered by', record.replica],
    ['Configuration', record.configuration],
  ];
  const known = facts.filter(([, value]) => value !== null);
  return html`<dl class="pairs">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl>`;
}

function attemptsOf({ attempts, interactionId }: EvidenceRecord): Html {
  if (attempts.length === 0) return html`<p>No message of its own was sent.</p>`;
  const shown = attempts.slice(-MOST_ATTEMPTS);
  return html`<div class="scroll" role="group" tabindex="0" aria-label="Attempts for ${interactionId}"><table>
<caption>${shown.length < attempts.length ? `The last ${MOST_ATTEMPTS} of ${attempts.length} attempts` : 'Attempts'}</caption>
<thead><tr><th scope="col">No.</th><th scope="col">After</th><th scope="col">Took</th><th scope="col">Came to</th><th scope="col">What was said</th></tr></thead>
<tbody>${shown.map(
    (attempt) =>
      html`<tr><th scope="row">${attempt.n}</th><td>${attempt.startedMs} ms</td><td>${attempt.durationMs} ms</td><td><code>${attempt.reason}</code></td><td><bdi>${saidIn(attempt)}</bdi></td></tr>`,
  )}</tbody>
</table></div>`;
}

function saidIn({ faultCode, faultString, errorCode, errorMessage, detail }: KeptAttempt): string {
  const said = [
    faultCode === null ? null : `fault ${faultCode}: ${faultString ?? ''}`,
    errorCode === null ? null : `error ${errorCode}: ${errorMessage ?? ''}`,
    detail,
  ].filter((part) => part !== null);
  return said.length === 0 ? '-' : said.join('; ');
}
