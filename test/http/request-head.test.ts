import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tidyUrl } from '../../src/http/request-head.ts';
import { askerThat, sharedApi } from './stub-api.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const asker = askerThat({});
const api = sharedApi({ asker });

async function ask(payload: object, url = PROBE) {
  const before = asker.asked.length;
  const response = await api().server.inject({ method: 'POST', url, payload });
  return { response, order: asker.asked[before] };
}

describe('the URL', () => {
  it.each([
    [`${PROBE}/`, PROBE],
    [`/${PROBE}`, PROBE],
    ['//interactions///a//probe//?x=//&y=/', '/interactions/a/probe?x=//&y=/'],
    [`http://x:1${PROBE}`, PROBE],
    [`HTTPS://user@x//interactions/a/probe/?q#f`, '/interactions/a/probe?q#f'],
    ['http://x', '/'],
    ['http://x?a=1', '/?a=1'],
    ['/', '/'],
    ['///', '/'],
    ['/?a=/', '/?a=/'],
    ['*', '*'],
    ['/interactions//probe', '/interactions//probe'],
    ['/interactions/probe/', '/interactions//probe'],
    ['//targets//guard//release', '/targets//guard/release'],
    ['/docs/', '/docs/'],
    ['//docs', '/docs'],
    ['/docs/static/index.html?token=x', '/docs/static/index.html'],
    ['/livez/', '/livez'],
    ['/interactions/a%2F/probe', '/interactions/a%2F/probe'],
  ])('%s is taken for %s', (url, tidy) => {
    expect(tidyUrl(url)).toBe(tidy);
  });

  it('once tidy stays so, and keeps its query, but for the documentation, which has none', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'interactions', 'probe', 'docs', '', '%2F')),
        fc.webQueryParameters(),
        (segments, query) => {
          const tidy = tidyUrl(`/${segments.join('/')}?${query}`);
          expect(tidyUrl(tidy)).toBe(tidy);
          const isDocumentation = segments.find((segment) => segment !== '') === 'docs';
          expect(tidy.split('?').slice(1).join('?')).toBe(isDocumentation ? '' : query);
        },
      ),
    ));

  it.each([`${PROBE}/`, `/${PROBE}`, '//interactions//0006Ka9HFHRR0T2B//probe//'])('%s gets its verdict', async (url) => {
    expect((await ask({ chatServerAppName: 'ChatServer_1' }, `${url}?target=default`)).order?.chatServer).toBe('ChatServer_1');
  });

  it.each(['/livez/', '//readyz', '/docs//', '//openapi.json/'])('%s is there', async (url) => {
    expect((await api().server.inject(url)).statusCode).toBe(200);
  });
});
