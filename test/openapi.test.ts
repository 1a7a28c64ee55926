import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROBLEMS } from '../src/http/problems.ts';
import { currentOpenApi } from './support/openapi-text.ts';
import { inOrder } from './support/probe-run.ts';
import { type Service, startedService } from './support/service.ts';

const COMMITTED = readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8');
const document = parse(COMMITTED);
const operation = document.paths['/interactions/{id}/probe'].post;

it('openapi.yaml is what the routes say', async () => {
  expect(await currentOpenApi()).toBe(COMMITTED);
});

it('openapi.yaml is a valid OpenAPI 3.1 document', async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
  expect(document.openapi).toBe('3.1.0');
});

it('the body may be left out', () => {
  expect(operation.requestBody.required).toBe(false);
});

it('every field and every parameter has a description', () => {
  const bare: string[] = [];
  const look = (schema: { properties?: Record<string, { description?: string }> }, path: string): void => {
    for (const [name, field] of Object.entries(schema.properties ?? {})) if (field.description === undefined) bare.push(`${path}.${name}`);
  };
  look(document.components.schemas.ProbeAnswer, 'ProbeAnswer');
  for (const [type, { schema }] of Object.entries<{ schema: object }>(operation.requestBody.content)) look(schema, type);
  for (const parameter of operation.parameters) if (parameter.description === undefined) bare.push(parameter.name);
  expect(bare).toEqual([]);
});

it('every status a problem can have on the probe route is documented', () => {
  const elsewhere = new Set([408, 431, 500]); // not HTTP, too slow, or not this route
  const statuses = Object.values(PROBLEMS)
    .map(({ status }) => status)
    .filter((status) => !elsewhere.has(status));
  expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining([...new Set(statuses)].map(String)));
});

describe('what the service answers', () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'api');
  const answer = ajv.compile({ $ref: 'api#/components/schemas/ProbeAnswer' });
  const problem = ajv.compile({ $ref: 'api#/components/schemas/Problem' });
  let service: Service;

  beforeAll(async () => {
    service = await startedService({
      env: { CHATPROBE_ADAPTER: 'simulator', CHATPROBE_HA: 'false' },
      turns: inOrder('delivered', 'dead', 'orphaned', 'auth', 'other_error'),
    });
  });
  afterAll(() => service.server.close());

  it('fits the documented answer', async () => {
    for (let n = 0; n < 5; n += 1) {
      const response = await service.server.inject({
        method: 'POST',
        url: '/interactions/a/probe',
        payload: { deadlineMs: 1_000, debug: true },
      });
      expect(answer(response.json()), JSON.stringify(answer.errors)).toBe(true);
    }
    expect(answer({ verdict: 'route' })).toBe(false);
  });

  it('fits the documented problem', async () => {
    for (const url of ['/interactions/a.b/probe', '/interactions/a/probe?attempts=0', '/interactions/a/probe?target=x']) {
      const response = await service.server.inject({ method: 'POST', url });
      expect(problem(response.json()), JSON.stringify(problem.errors)).toBe(true);
    }
  });
});
