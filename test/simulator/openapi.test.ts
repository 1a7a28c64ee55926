import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { controlBench } from '../support/control-bench.ts';
import { currentSimulatorOpenApi } from '../support/openapi-text.ts';

const COMMITTED = readFileSync(new URL('../../simulator.openapi.yaml', import.meta.url), 'utf8');
const document = parse(COMMITTED);

/** Method, path, its template and a body, in an order in which all of them succeed but for the last ones. */
const COMMANDS = [
  ['GET', '/sessions', '/sim/sessions', undefined, 200],
  ['GET', '/sessions/chat-000001', '/sim/sessions/{id}', undefined, 200],
  ['GET', '/sessions/chat-000001/transcript', '/sim/sessions/{id}/transcript', undefined, 200],
  ['GET', '/sessions/chat-000001/truth', '/sim/sessions/{id}/truth', undefined, 200],
  ['POST', '/sessions', '/sim/sessions', { id: 'mine', chatServer: 'B' }, 201],
  ['DELETE', '/sessions/mine', '/sim/sessions/{id}', undefined, 200],
  ['GET', '/servers', '/sim/servers', undefined, 200],
  ['POST', '/servers/A/crash', '/sim/servers/{name}/crash', undefined, 200],
  ['GET', '/sessions/chat-000001', '/sim/sessions/{id}', undefined, 200],
  ['POST', '/servers/A/start', '/sim/servers/{name}/start', undefined, 200],
  ['POST', '/servers/A/slow', '/sim/servers/{name}/slow', { extraMs: 5 }, 200],
  ['POST', '/servers/A/limit', '/sim/servers/{name}/limit', { maxSessions: 5 }, 200],
  ['POST', '/servers/A/link', '/sim/servers/{name}/link', { state: 'down' }, 200],
  ['POST', '/servers/A/flap', '/sim/servers/{name}/flap', { downMs: 1, upMs: 1, times: 1 }, 200],
  ['PUT', '/interaction-server', '/sim/interaction-server', { state: 'down' }, 200],
  ['PUT', '/gateway', '/sim/gateway', { state: 'down' }, 200],
  ['PUT', '/misconfiguration', '/sim/misconfiguration', { answer: 'nothing' }, 200],
  ['GET', '/clock', '/sim/clock', undefined, 200],
  ['POST', '/clock/freeze', '/sim/clock/freeze', undefined, 200],
  ['POST', '/clock/advance', '/sim/clock/advance', { byMs: 5 }, 200],
  ['POST', '/clock/thaw', '/sim/clock/thaw', undefined, 200],
  ['GET', '/scenario', '/sim/scenario', undefined, 200],
  ['POST', '/reset', '/sim/reset', {}, 200],
  ['GET', '/sessions?limit=0', '/sim/sessions', undefined, 400],
  ['GET', '/sessions/nobody', '/sim/sessions/{id}', undefined, 404],
  ['POST', '/servers/A/start', '/sim/servers/{name}/start', {}, 409],
  ['POST', '/reset', '/sim/reset', { scenario: 'nope' }, 422],
] as const;

it('simulator.openapi.yaml is what the routes say', async () => {
  expect(await currentSimulatorOpenApi()).toBe(COMMITTED);
});

it('simulator.openapi.yaml is a valid OpenAPI 3.1 document', async () => {
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
});

it('the control face answers what the document says, by every route', async () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'api');
  const { command } = await controlBench();
  const wrong: string[] = [];
  for (const [method, path, template, told, status] of COMMANDS) {
    const answered = await command(method, path, told);
    const pointer = [template, method.toLowerCase(), 'responses', status, 'content', 'application/json', 'schema'].map(escaped).join('/');
    const fits = ajv.compile({ $ref: `api#/paths/${pointer}` });
    if (answered.status !== status || !fits(answered.body))
      wrong.push(`${method} ${path}: ${answered.status} ${ajv.errorsText(fits.errors)}`);
  }
  expect(wrong).toEqual([]);
  const tried = new Set(COMMANDS.map(([method, , template]) => `${method} ${template}`));
  const described = Object.entries<object>(document.paths).flatMap(([template, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${template}`),
  );
  expect([...tried].sort()).toEqual(described.sort());
});

it('the document is served', async () => {
  const { app } = await controlBench();
  expect((await app.inject('/sim/openapi.json')).json()).toEqual(document);
});

/** One step of a JSON pointer within a URI. */
function escaped(step: string | number): string {
  return encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1'));
}

it('the document lists what every body can be refused for, and no conflict where there can be none', () => {
  const operations = Object.entries<Record<string, { requestBody?: object; responses: object }>>(document.paths).flatMap(([path, each]) =>
    Object.entries(each).map(([method, { requestBody, responses }]) => ({ path, method, requestBody, statuses: Object.keys(responses) })),
  );
  const withBody = operations.filter(({ requestBody }) => requestBody !== undefined);
  expect(withBody.length).toBeGreaterThan(10);
  for (const { path, statuses } of withBody) expect(statuses, path).toEqual(expect.arrayContaining(['400', '413', '415']));
  expect(operations.filter(({ method, statuses }) => method === 'put' && statuses.includes('409'))).toEqual([]);
  expect(operations.filter(({ method, requestBody }) => method !== 'get' && requestBody === undefined)).toEqual([]);
});
