import { expect, it } from 'vitest';
import { nearestName } from '../../src/schema-tree/nearest-name.ts';

it.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['gatway', 'gateways'],
  ['polcy', 'policy'],
])('finds what %s was meant to be', (name, meant) => {
  expect(nearestName(name, ['port', 'host', 'gateways', 'policy'])).toBe(meant);
});

it.each(['zzz', 'hx', 'something-else', ''])('does not guess at %j', (name) => {
  expect(nearestName(name, ['port', 'host', 'gateways', 'policy'])).toBeNull();
});

it('does not take a long word for another that shares its beginning', () => {
  expect(nearestName('chat_server_names', ['chat_server_down'])).toBeNull();
  expect(nearestName('chat_server_dwon', ['chat_server_down'])).toBe('chat_server_down');
});
