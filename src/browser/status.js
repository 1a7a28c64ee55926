/**
 * What the page `/status` does beyond what it is without a script: it draws the charts from the table of minutes, and keeps itself up to
 * date by server-sent events. What arrives is HTML that the service has escaped, as it was in the page itself.
 */

/** @typedef {import('uplot')} Chart */
/** @typedef {{ readonly id: string, readonly version: string, readonly html: string }} Part */

/** The columns of the table of minutes. */
const COLUMN = { routes: 1, stops: 2, alive: 4, stale: 5 };
const MINUTE_S = 60;
const CHART_HEIGHT = 180;
/** Waits after a connection that was refused; each is longer than the one before. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 120_000;

const charts = createCharts();
charts.draw();
keepUpToDate(charts.draw);

/** @param {() => void} drawn called when there are new figures. */
function keepUpToDate(drawn) {
  const target = document.getElementById('main')?.dataset['target'] ?? '';
  const said = document.getElementById('live');
  /** @type {Map<string, string>} */
  const versions = new Map();
  /** @type {EventSource | null} */
  let source = null;
  let waitMs = FIRST_WAIT_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} text */
  const say = (text) => {
    if (said !== null && said.textContent !== text) said.textContent = text;
  };
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const start = () => {
    stop();
    const opened = new EventSource(`/status/events?${new URLSearchParams({ target })}`);
    source = opened;
    opened.addEventListener('open', () => {
      waitMs = FIRST_WAIT_MS;
      say('Live');
    });
    opened.addEventListener('part', ({ data }) => {
      /** @type {Part} */
      const part = JSON.parse(data);
      if (versions.get(part.id) === part.version) return;
      versions.set(part.id, part.version);
      replace(part);
      if (part.id === 'hour') drawn();
    });
    opened.addEventListener('error', () => {
      say(`Not live since ${new Date().toISOString().slice(11, 19)} UTC`);
      // A browser comes again by itself where a connection broke, but not where it was refused.
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      source = null;
      timer = setTimeout(start, waitMs * (0.5 + Math.random() / 2));
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    });
  };
  // A browser has six connections for a host: pages that nobody looks at must not take them.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop();
    else if (source === null) start();
  });
  addEventListener('pagehide', stop);
  if (!document.hidden) start();
}

/**
 * Puts a part of the page in place of what it was, and leaves open what was open, and the keyboard where it was.
 *
 * @param {Part} part
 */
function replace({ id, html }) {
  const place = document.getElementById(id);
  if (place === null) return;
  const template = document.createElement('template');
  template.innerHTML = html;
  if (place.innerHTML === template.innerHTML) return;
  for (const details of place.querySelectorAll('details[open]')) template.content.getElementById(details.id)?.setAttribute('open', '');
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const order = focused === null ? -1 : focusable(place).indexOf(focused);
  place.replaceChildren(template.content);
  if (focused === null) return;
  const same = focused.id === '' ? null : document.getElementById(focused.id);
  const next = same ?? focusable(place)[order] ?? null;
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

/** @param {Element} place */
function focusable(place) {
  /** @type {Element[]} */
  const found = [...place.querySelectorAll('a, summary, [tabindex]')];
  return found;
}

function createCharts() {
  const holder = document.querySelector('.charts');
  const verdicts = document.getElementById('verdicts');
  const stale = document.getElementById('stale');
  /** @type {Chart[]} */
  let drawn = [];
  const draw = () => {
    const minutes = readMinutes();
    if (!(holder instanceof HTMLElement) || verdicts === null || stale === null || minutes.length === 0) return;
    holder.hidden = false;
    for (const chart of drawn) chart.destroy();
    const at = minutes.map(({ atS }) => atS);
    const colour = colours();
    const answers = minutes.map(({ routes, stops }) => routes + stops);
    drawn = [
      chartIn(verdicts, colour, [at, answers, minutes.map(({ stops }) => stops)], 4, String, [
        { label: 'Routed', stroke: colour.route, fill: colour.route, ...bars() },
        { label: 'Stopped', stroke: colour.stop, fill: colour.stop, ...bars() },
      ]),
      chartIn(stale, colour, [at, minutes.map(({ share }) => share)], 0.04, (value) => `${Math.round(value * 100)} %`, [
        { label: 'Stale rate', stroke: colour.stale, width: 2, points: { show: true, size: 4, fill: colour.stale } },
      ]),
    ];
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('resize', () => {
    for (const chart of drawn) chart.setSize({ width: widthOf(chart.root.parentElement), height: CHART_HEIGHT });
  });
  return { draw };
}

function bars() {
  const paths = uPlot.paths.bars?.({ size: [0.8, 12] });
  return paths === undefined ? {} : { paths };
}

/** @param {Element | null} element */
function widthOf(element) {
  return Math.max(200, element?.clientWidth ?? 0);
}

/**
 * @param {HTMLElement} place
 * @param {ReturnType<typeof colours>} colour
 * @param {(number | null)[][]} data
 * @param {number} least how high the scale reaches at least.
 * @param {(value: number) => string} shown
 * @param {import('uplot').Series[]} series
 * @returns {Chart}
 */
function chartIn(place, colour, data, least, shown, series) {
  const axis = { stroke: colour.quiet, grid: { stroke: colour.line, width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  const [first = 0] = data[0] ?? [];
  const from = (first ?? 0) - MINUTE_S;
  const to = from + 61 * MINUTE_S;
  /** @type {import('uplot').Options} */
  const options = {
    width: widthOf(place),
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    scales: { x: { range: [from, to] }, y: { range: (_chart, _low, high) => [0, Math.max(least, (high ?? 0) * 1.1)] } },
    axes: [
      { ...axis, values: (_chart, ticks) => ticks.map((tick) => new Date(tick * 1_000).toISOString().slice(11, 16)), space: 70, size: 28 },
      { ...axis, values: (_chart, ticks) => ticks.map((tick) => (Number.isInteger(tick) || least < 1 ? shown(tick) : '')), size: 48 },
    ],
    series: [{}, ...series],
  };
  const [xs = [], ...ys] = data;
  return new uPlot(options, [xs.map(Number), ...ys], place);
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return { route: of('route'), stop: of('stop'), stale: of('stale'), quiet: of('quiet'), line: of('line') };
}

/** What the table says, which is the charts' text for whoever does not see them. */
function readMinutes() {
  return [...document.querySelectorAll('#minutes-table tbody tr')].map((row) => {
    /** @param {number} column */
    const count = (column) => Number(row.children[column]?.textContent ?? 0);
    const [alive, gone] = [count(COLUMN.alive), count(COLUMN.stale)];
    return {
      atS: Date.parse(row.querySelector('time')?.dateTime ?? '') / 1_000,
      routes: count(COLUMN.routes),
      stops: count(COLUMN.stops),
      share: alive + gone === 0 ? null : gone / (alive + gone),
    };
  });
}
