import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type BlockEnd, runScxml } from './scxml.ts';
import { describeWorkflows, SAYS, turnsOf } from './worlds.ts';

const document = (name: string): string => readFileSync(new URL(`../../examples/workflow/${name}.scxml`, import.meta.url), 'utf8');

describeWorkflows('SCION', async (name, world) => {
  const turns = turnsOf(world);
  const states = await runScxml(document(name), async (type, parameters): Promise<BlockEnd> => {
    if (type === 'stand-in:http-rest') return fetched(world.url, parameters);
    if (type === 'stand-in:read-chat') return { event: 'read.done', data: { interactionId: turns.id, ...turns.read() } };
    expect(parameters).toMatchObject({ appType: 'ChatServer', service: 'Chat', method: 'Message' });
    const became = turns.send();
    return became === 'fails' ? { event: 'error.block', data: null } : { event: `message.${SAYS[became].outcome}`, data: SAYS[became] };
  });
  return { end: states.at(-1), ...turns.counts };
});

/** As the HTTP Rest block does: any trouble is its error port. */
async function fetched(url: string, { path, ...fields }: Readonly<Record<string, unknown>>): Promise<BlockEnd> {
  const form = new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]));
  try {
    const response = await fetch(`${url}${String(path)}`, { method: 'POST', body: form, signal: AbortSignal.timeout(2_000) });
    return response.ok ? { event: 'http.done', data: await response.json() } : { event: 'http.error', data: response.status };
  } catch (fault) {
    return { event: 'http.error', data: String(fault) };
  }
}
