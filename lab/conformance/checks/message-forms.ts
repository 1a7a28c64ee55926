import type { Check } from '../check.ts';
import { allOf } from '../check.ts';
import { expectNotFound } from '../expectations.ts';

/** The service takes this much user data from a caller, counted as JSON. */
const LARGEST_USER_DATA_BYTES = 16 * 1024;

export const MESSAGE_OPTIONS: Check = {
  id: 'message-options',
  title: 'MessageType and every Visibility are taken',
  promise: 'Parameters are MessageText, Visibility (ALL, INT or VIP) and, where it is configured, MessageType.',
  source: 'docs/gateway.md, "A message"',
  needs: ['dead'],
  async run(site) {
    const findings = [];
    for (const Visibility of ['ALL', 'INT', 'VIP']) {
      const message = site.messageToDead();
      const Parameters = { ...message.request.Parameters, Visibility, MessageType: 'text' };
      findings.push(expectNotFound(await site.post({ ...message, request: { ...message.request, Parameters } })));
    }
    return allOf(findings);
  },
};

export const USER_DATA: Check = {
  id: 'user-data',
  title: 'user data of 16 KiB, nested, with numbers and any characters is taken',
  promise: "userData is the caller's plus the id keys: at most 16 KiB of strings, numbers and nested objects.",
  source: 'docs/gateway.md, "A message"',
  needs: ['dead'],
  async run(site) {
    const message = site.messageToDead();
    const rest = { Count: 3, Share: 0.5, Empty: '', Name: 'Zoë 山 "quoted" \\', Nested: { Inner: { Deep: 'x' } } };
    const Filling = 'x'.repeat(LARGEST_USER_DATA_BYTES - Buffer.byteLength(JSON.stringify({ ...rest, Filling: '' })));
    return expectNotFound(await site.post({ ...message, userData: { ...rest, Filling, ...message.userData } }));
  },
};
