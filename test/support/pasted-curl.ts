import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';

/** A block of a page that ends in a curl line to the service, with the answer shown below it. */
export interface PastedCurl {
  /** Waited before, as `sleep` says. */
  readonly sleepMs: number;
  readonly curl: string;
  readonly answer: unknown;
}

export interface PastedAnswer {
  readonly status: number;
  readonly answer: unknown;
}

/** Each curl line with the answer shown below it, in the order of the page. */
export function curlExamples(page: string): readonly PastedCurl[] {
  const found = page.matchAll(/^```sh\n(?:sleep (\d+)\n)?(curl [\s\S]*?)^```\n\n^```(json|text)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, seconds = '0', curl = '', language, shown = '']) => ({
    sleepMs: Number(seconds) * 1_000,
    curl,
    answer: language === 'json' ? JSON.parse(shown) : shown.trim(),
  }));
}

/** Plays curl lines, in order, against the service as it is without configuration, in virtual time. */
export async function answersOf(examples: readonly Omit<PastedCurl, 'answer'>[]): Promise<readonly PastedAnswer[]> {
  const loaded = loadConfig({}, () => ({ ok: false, detail: 'ENOENT' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const clock = createVirtualClock();
  const logger = createLogger('silent', { write: () => undefined });
  const { server } = await createApp(loaded.config, { logger, version: '0', nodeVersion: 'v0', clock, random: () => 0.5 });
  const answers: PastedAnswer[] = [];
  for (const { sleepMs, curl } of examples) {
    await clock.advance(sleepMs);
    let isOver = false;
    const pending = server.inject(requestOf(curl)).finally(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 1_000 && !isOver; turn += 1) await clock.advance(100);
    const response = await pending;
    const isJson = /^application\/(problem\+)?json/.test(String(response.headers['content-type']));
    answers.push({ status: response.statusCode, answer: isJson ? response.json() : response.body });
  }
  await server.close();
  return answers;
}

/** What every run has in common: no ids of probes and requests, no times, no instance. */
export function withoutChance(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    /^(probeId|requestId|elapsedMs|startedMs|durationMs|answeredAt|replica|configuration)$/.test(key) ? null : value,
  );
}

/** The request that curl makes of its line. */
export function requestOf(curl: string) {
  const [url = ''] = curl.match(/(?<=http:\/\/127\.0\.0\.1:8080)[^\s']+/) ?? [];
  const headers = [...curl.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']) => [name.toLowerCase(), value] as const);
  const given = [...curl.matchAll(/-d (?:'([^']*)'|(\S+))/g)].map(([, quoted, plain]) => quoted ?? plain);
  // As curl does it: several are joined, and a body makes a POST and, unless told otherwise, a form.
  const body = given.length === 0 ? {} : { payload: given.join('&') };
  const type = given.length === 0 ? [] : [['content-type', 'application/x-www-form-urlencoded'] as const];
  const method = given.length > 0 || curl.includes('-X POST') ? ('POST' as const) : ('GET' as const);
  return { method, url, headers: Object.fromEntries([...type, ...headers]), ...body };
}
