import type { Check, Finding } from '../check.ts';
import { allOf, expecting } from '../check.ts';
import { expectNoProof, expectNotFound, expectRefusal, isRefusal } from '../expectations.ts';
import type { TestSubject } from '../test-subject.ts';

const SOURCE = 'docs/gateway.md, "A message" and "Statuses"';
const JSON_BOTH_WAYS = 'JSON both ways; the service sends Request3rdServer, and anything else is refused with a 4xx.';
const SHAPE = 'A request has referenceId, request {AppType, Service, Method, Parameters {MessageText, Visibility}} and userData.';

export const BAD_JSON: Check = {
  id: 'bad-json',
  title: 'a body that is no JSON is refused with a 4xx',
  promise: JSON_BOTH_WAYS,
  source: SOURCE,
  needs: [],
  run: (site) => refusing(site, ['{"messageName":"Request3rdServer","referenceId":7,', 'a=b&c=d', '']),
};

export const NOT_A_REQUEST: Check = {
  id: 'not-a-request',
  title: 'JSON that is no Request3rdServer is refused with a 4xx',
  promise: JSON_BOTH_WAYS,
  source: SOURCE,
  needs: ['dead'],
  run: (site) => refusing(site, ['[]', '"Request3rdServer"', 'null', { ...site.messageToDead(), messageName: 'RequestPing' }]),
};

export const MISSING_PARTS: Check = {
  id: 'missing-parts',
  title: 'a message without its reference id or its request is refused with a 4xx',
  promise: SHAPE,
  source: SOURCE,
  needs: ['dead'],
  run: (site) =>
    refusing(site, [
      { ...site.messageToDead(), referenceId: undefined },
      { ...site.messageToDead(), request: undefined },
    ]),
};

export const MISSING_PARAMETERS: Check = {
  id: 'missing-parameters',
  title: 'a message without a text, or without any id, is no proof of anything',
  promise: `${SHAPE} Without MessageText, or without user data, it is refused with a 4xx or by Chat Server.`,
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const { request, ...rest } = site.messageToDead();
    const withoutText = { ...rest, request: { ...request, Parameters: { Visibility: 'VIP' } } };
    const withoutId = { ...site.messageToDead(), userData: undefined };
    return allOf([expectNoProof(await site.post(withoutText)), expectNoProof(await site.post(withoutId))]);
  },
};

export const UNKNOWN_METHOD: Check = {
  id: 'unknown-method',
  title: 'a method that does not exist is no proof of anything',
  promise: 'A request names Method Message: another is refused with a 4xx or by Chat Server, and never sent as if it were that one.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const { request, ...rest } = site.messageToDead();
    return expectNoProof(await site.post({ ...rest, request: { ...request, Method: 'NoSuchMethod' } }));
  },
};

export const UNKNOWN_SERVICE: Check = {
  id: 'unknown-service',
  title: 'a service that does not exist is no proof of anything',
  promise: 'A request names Service Chat: another is refused with a 4xx or by Chat Server, and never sent as if it were that one.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const { request, ...rest } = site.messageToDead();
    return expectNoProof(await site.post({ ...rest, request: { ...request, Service: 'NoSuchService' } }));
  },
};

export const UNKNOWN_APP_TYPE: Check = {
  id: 'unknown-app-type',
  title: 'a type of application that does not exist is no proof of anything',
  promise:
    'A request names AppType ChatServer: another is refused with a 4xx or by Interaction Server, and never sent as if it were that one.',
  source: SOURCE,
  needs: ['dead'],
  async run(site) {
    const { request, ...rest } = site.messageToDead();
    return expectNoProof(await site.post({ ...rest, request: { ...request, AppType: 'NoSuchType' } }));
  },
};

export const OVERSIZED_MESSAGE: Check = {
  id: 'oversized-message',
  title: 'a message of 1 MiB is refused, and the next one answered',
  promise: 'A message is small: one of 1 MiB is refused, with a 4xx or by closing the connection, and does no harm.',
  source: 'docs/gateway.md, "Limits and connections"',
  needs: ['dead'],
  async run(site) {
    const message = site.messageToDead();
    const huge = await site.post({ ...message, userData: { Filling: 'x'.repeat(1024 * 1024), ...message.userData } });
    const refused = isRefusal(huge) || (huge.kind === 'broken' && huge.how === 'closed');
    return allOf([
      expecting('a 4xx such as 413, or a closed connection', huge, refused),
      expectNotFound(await site.post(site.messageToDead())),
    ]);
  },
};

export const STILL_ANSWERS: Check = {
  id: 'still-answers',
  title: 'after all that was wrong a proper message is answered',
  promise: 'What one caller does wrong harms no other.',
  source: 'docs/gateway.md, "Limits and connections"',
  needs: ['dead'],
  run: async (site) => expectNotFound(await site.post(site.messageToDead())),
};

async function refusing(site: TestSubject, bodies: readonly unknown[]): Promise<Finding> {
  const findings = [];
  for (const body of bodies) findings.push(expectRefusal(await site.post(body)));
  return allOf(findings);
}
