import type { EvidenceRecord } from '../../evidence/evidence-record.ts';
import type { Look } from '../../evidence/fleet-evidence.ts';
import type { Coverage } from '../../resilience/events.ts';
import { type Html, html } from './html.ts';
import { moment } from './moments.ts';
import type { StatusData } from './status-data.ts';
import { guardForm, lookUpForm, probeForm, targetForm } from './status-forms.ts';
import { recordItem } from './status-record.ts';
import { LIVE } from './status-sections.ts';

/** What the one who looks has asked for, beside how things stand. */
export interface Asked {
  /** What stands in the look-up, as it came; null for nothing. */
  readonly id: string | null;
  /** What was found of it; null where it is no interaction id. */
  readonly found: Look<readonly EvidenceRecord[]> | null;
  /** What came of the last form, in a sentence; null where none was sent. */
  readonly notice: { readonly isGood: boolean; readonly text: string } | null;
}

/** The files that the page loads, by name, with what tells one version from another. */
export type AssetUrls = Readonly<Record<'script' | 'style' | 'chartScript' | 'chartStyle', string>>;

const MOST_FOUND = 20;

/** The whole page. All of it is there without a script, which adds the charts and keeps it up to date. */
export function statusPage(data: StatusData, asked: Asked, assets: AssetUrls): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Chat Probe: status</title>
${head(assets)}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><div><h1>Chat Probe</h1><p class="quiet">Instance <bdi>${data.replica}</bdi>, version ${data.version}, up since ${moment(data.startedAtMs, data.nowMs)} UTC</p></div>
<p id="live" class="quiet">As of ${moment(data.nowMs, data.nowMs)} UTC</p></header>
<nav aria-label="On this page"><a href="#look-up">Look up</a> <a href="#now-title">Now</a> <a href="#hour-title">Last hour</a> <a href="#outages-title">Outages</a> <a href="#stops-title">Last stops</a> <a href="#guard">Guard</a> <a href="#ask">Ask</a></nav>
<main id="main" tabindex="-1" data-target="${data.target}">
${asked.notice !== null && html`<p class="notice ${asked.notice.isGood ? 'good' : 'bad'}" role="${asked.notice.isGood ? 'status' : 'alert'}">${asked.notice.text}</p>`}
<section aria-label="In short" id="headline" role="status" aria-live="polite" aria-atomic="true">${LIVE.headline(data)}</section>
<section id="look-up" aria-labelledby="look-up-title" class="card"><h2 id="look-up-title">Why was this chat stopped?</h2>
${lookUpForm(asked.id, asked.id !== null && asked.found === null)}
${lookedUp(asked, data.nowMs)}</section>
<section aria-labelledby="now-title" class="card"><h2 id="now-title">Now</h2>${targetForm(data)}<div id="now">${LIVE.now(data)}</div></section>
<section aria-labelledby="hour-title" class="card"><h2 id="hour-title">Last hour</h2>
${charts()}
<div id="hour">${LIVE.hour(data)}</div></section>
<section aria-labelledby="outages-title" class="card"><h2 id="outages-title">Outages</h2><div id="outages">${LIVE.outages(data)}</div></section>
<section aria-labelledby="stops-title" class="card"><h2 id="stops-title">Last stops</h2><div id="stops">${LIVE.stops(data)}</div></section>
<div class="pair">${guardForm(data)}${probeForm(data)}</div>
</main>
<footer class="quiet">Times are UTC. All but the look-up is of this instance alone. <a href="/docs">API</a></footer>
</body>
</html>
`;
}

function head({ script, style, chartScript, chartStyle }: AssetUrls): Html {
  return html`<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Cpath d=%22M1 8h3l2-5 3 10 2-5h4%22 fill=%22none%22 stroke=%22%230b6e6e%22 stroke-width=%222%22/%3E%3C/svg%3E">
<link rel="stylesheet" href="/status/${chartStyle}">
<link rel="stylesheet" href="/status/${style}">
<script src="/status/${chartScript}" defer></script>
<script type="module" src="/status/${script}"></script>`;
}

/** Shown by the script, which draws them from the table of minutes. */
function charts(): Html {
  return html`<div class="charts" hidden>
<figure><figcaption id="verdicts-title">Verdicts a minute <span class="key route">routed</span> <span class="key stop">stopped</span></figcaption><div class="plot" id="verdicts" role="img" aria-labelledby="verdicts-title" aria-describedby="minutes-more"></div></figure>
<figure><figcaption id="stale-title">Stale rate <span class="key stale">share of the known chats that were gone</span></figcaption><div class="plot" id="stale" role="img" aria-labelledby="stale-title" aria-describedby="minutes-more"></div></figure>
</div>`;
}

function lookedUp({ id, found }: Asked, nowMs: number): Html {
  if (id === null || found === null) return html``;
  const { coverage, found: records } = found;
  if (records.length === 0)
    return html`<p class="quiet" role="status">Nothing is kept of <bdi class="id">${id}</bdi> ${NOT_FOUND[coverage]} The log may tell.</p>`;
  const more = records.length > MOST_FOUND && html`<p class="quiet">The newest ${MOST_FOUND} of ${records.length} are shown.</p>`;
  const whose = html`<p class="quiet">${WHOSE[coverage]}</p>`;
  return html`<ol class="records">${records.slice(0, MOST_FOUND).map((record) => recordItem(record, nowMs, 'found'))}</ol>${more}${whose}`;
}

const NOT_FOUND = {
  fleet: 'by any instance: nobody asked about it within a day, or it had to make room.',
  instance: 'here: nobody asked this instance about it since its start, or it had to make room. Other instances were not asked.',
} as const satisfies Record<Coverage, string>;

const WHOSE = {
  fleet: 'Of all instances, for a day.',
  instance: 'Of this instance alone: others were not asked.',
} as const satisfies Record<Coverage, string>;
