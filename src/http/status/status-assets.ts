import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import type { AssetUrls } from './status-page.ts';

/** The same place below `src/` and below `dist/src/`. */
const own = (name: string): URL => new URL(`../../browser/${name}`, import.meta.url);
const ofCharts = (name: string): string => createRequire(import.meta.url).resolve(`uplot/dist/${name}`);

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
/** For good: another version has another URL. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
const HASH_CHARACTERS = 12;

/** Serves what the page loads: nothing in it is about a chat. Read once, at the start, so that a missing file shows there. */
export function registerAssets(app: FastifyInstance): AssetUrls {
  const serve = (name: string, file: string | URL, type: string): string => {
    const content = readFileSync(file);
    const version = createHash('sha256').update(content).digest('hex').slice(0, HASH_CHARACTERS);
    app.get<{ Querystring: { readonly text: string } }>(`/status/${name}`, { schema: { hide: true, response: {} } }, (request, reply) => {
      const isThis = request.query.text === `v=${version}`;
      return reply
        .header('cache-control', isThis ? FOR_GOOD : 'no-cache')
        .type(type)
        .send(content);
    });
    return `${name}?v=${version}`;
  };
  return {
    script: serve('status.js', own('status.js'), SCRIPT),
    style: serve('status.css', own('status.css'), STYLE),
    chartScript: serve('uplot.js', ofCharts('uPlot.iife.min.js'), SCRIPT),
    chartStyle: serve('uplot.css', ofCharts('uPlot.min.css'), STYLE),
  };
}
