import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterSet, decoderFor } from '../../src/http/character-sets.ts';
import { escapedInUtf8, parseForm, whyNoForm } from '../../src/http/form.ts';
import { readLabel } from '../../src/http/request-body.ts';
import { knownFields, readFields } from '../../src/http/request-fields.ts';
import { askerThat, sharedApi } from './stub-api.ts';

const PROBE = '/interactions/0006Ka9HFHRR0T2B/probe';
const RELEASE = '/targets/default/guard/release';
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Content types as they came, in one header line each; none for null. */
type Label = string | readonly string[] | null;

const asker = askerThat({});
const released: number[] = [];
const api = sharedApi({
  asker,
  release(releasedForMs) {
    released.push(releasedForMs / 60_000);
    return { state: 'released', releasedForMs };
  },
});

async function post(url: string, label: Label, payload: string | Buffer) {
  const [asked, freed] = [asker.asked.length, released.length];
  const headers = label === null ? {} : { 'content-type': typeof label === 'string' ? label : [...label] };
  const response = await api().server.inject({ method: 'POST', url, headers, payload });
  return { response, order: asker.asked[asked], released: released.slice(freed) };
}

const LABELS: readonly Label[] = [
  null,
  '',
  JSON_TYPE,
  FORM,
  'text/plain',
  'text/plain;charset=UTF-8',
  'APPLICATION/X-WWW-FORM-URLENCODED; Charset=UTF-8',
  `${FORM}; charset='utf-8'`,
  `${FORM};;charset="utf-8";`,
  `${JSON_TYPE}; utf-8`,
  `${JSON_TYPE} charset=utf-8`,
  `${JSON_TYPE}, charset=utf-8`,
  `${JSON_TYPE};odata=verbose`,
  `"${JSON_TYPE}"`,
  `${JSON_TYPE}; charset=undefined`,
  `${JSON_TYPE}; charset=`,
  'undefined',
  'null',
  'json',
  '*/*',
  'text/json',
  'application/vnd.site.probe+json; version=1',
  'application/javascript',
  'application/octet-stream',
  'application/x-www-form-urlencoded; charset=us-ascii',
  [JSON_TYPE, JSON_TYPE],
  [FORM, `${FORM}; charset=utf-8`],
  `${JSON_TYPE}, Application/JSON; charset=UTF8`,
  ['undefined', FORM],
];

/** What carries a name and says that the session is closed. */
const FIELDS = {
  JSON: '{"chatServerAppName":"ChatServer_1","isOnline":"0"}',
  'JSON after white space and a mark': '\ufeff \r\n\t{"chatServerAppName":"ChatServer_1","isOnline":"0"}\n',
  'a form': 'chatServerAppName=ChatServer_1&isOnline=0',
  'a form with a line break at its end': '\ufeffchatServerAppName=ChatServer_1&isOnline=0\r\n',
  'a form written by hand': ' chatServerAppName=ChatServer_1& isOnline=0',
  'a form that lost its way through XML': 'x=1&amp;chatServerAppName=ChatServer_1&amp;amp;isOnline=0',
};

const NEITHER = {
  'broken JSON': '{"isOnline":"0"',
  'JSON with a comma too many': '{"isOnline":"0",}',
  'JSON as the name of a form': '{"isOnline":"0"}=',
  'JSON as the escaped name of a form': '%7B%22isOnline%22%3A%220%22%7D=',
  'JSON in JSON': '"{\\"isOnline\\":\\"0\\"}"',
  'JSON in the quotes of a shell': `'{"isOnline":"0"}'`,
  'a form in the quotes of a shell': "'isOnline=0'",
  'a list': '[{"chatServerAppName":"a=b"}]',
  XML: '<probe isOnline="0"/>',
  lines: 'isOnline=0\nchatServerAppName=ChatServer_1',
  parts: '--x\r\ncontent-disposition: form-data; name="isOnline"\r\n\r\n0\r\n--x--',
  'JSON under no name': '={"isOnline":"0"}',
  'a form under no name': '=0&isOnline=0',
  'a word': 'hello',
  words: 'hello & goodbye',
  'a number': '7',
  'a zero in it': 'isOnline=0\u0000',
};

describe.each(LABELS)('under the label %j', (label) => {
  it('no field is lost, in JSON or a form', async () => {
    for (const [name, payload] of Object.entries(FIELDS)) {
      const { response, order } = await post(PROBE, label, payload);
      expect([response.statusCode, order?.chatServer, order?.isOffline], name).toEqual([200, 'ChatServer_1', true]);
    }
    for (const payload of ['{"minutes":"30"}', 'minutes=30', ' {"Minutes":30} ', 'minutes=30\n'])
      expect((await post(RELEASE, label, payload)).released, payload).toEqual([30]);
  });

  it.each(['', ' \n', 'null', 'undefined', '{}'])('the body %j says nothing', async (payload) => {
    const { response, order } = await post(PROBE, label, payload);
    expect([response.statusCode, order?.chatServer]).toEqual([200, null]);
  });

  it('what is neither is refused and told', async () => {
    for (const [name, payload] of Object.entries(NEITHER)) {
      for (const url of [PROBE, RELEASE]) {
        const { response, order, released } = await post(url, label, payload);
        expect([400, 415], name).toContain(response.statusCode);
        expect(response.json(), name).toMatchObject({ field: 'body', detail: expect.stringMatching(/JSON|form/) });
        expect([order, released], name).toEqual([undefined, []]);
      }
    }
  });
});

it('an operator whose minutes would be lost hears of it', async () => {
  for (const payload of ['minutes[]=30', 'minutes=30;minutes=60', '{"minutes":30,"minutes":60}']) {
    const { response, released } = await post(RELEASE, null, payload);
    expect([response.statusCode, response.json().field, released], payload).toEqual([400, 'minutes', []]);
  }
});

it.each([
  [[JSON_TYPE, FORM]],
  [[JSON_TYPE, 'text/xml']],
  [[`${JSON_TYPE}, ${FORM}`]],
  [[FORM, `${FORM}, text/plain`]],
  [[`${FORM}; charset=utf-8`, `${FORM}; charset=iso-8859-1`]],
  [[`${FORM}; charset=utf-8; charset=cp1252`]],
])('where content types contradict each other, %j, nothing is believed', async (label) => {
  for (const url of [PROBE, RELEASE]) {
    const { response, order, released } = await post(url, label, '{}');
    expect(response.json()).toMatchObject({ type: 'urn:chat-probe:problem:invalid_body', status: 400, field: 'content-type' });
    expect([order, released]).toEqual([undefined, []]);
  }
});

it.each([JSON_TYPE, FORM, 'text/plain', null])('JSON encoded twice is told to be that, under the label %j', async (label) => {
  const once = JSON.stringify({ chatServerAppName: 'ChatServer_1', isOnline: '0' });
  const twice = JSON.stringify(once);
  for (const payload of [twice, ` ${twice}\n`, JSON.stringify(twice), JSON.stringify('{}'), JSON.stringify(' {"broken": ')]) {
    for (const url of [PROBE, RELEASE]) {
      const { response, order, released } = await post(url, label, payload);
      expect(response.json(), payload).toMatchObject({
        type: 'urn:chat-probe:problem:invalid_body',
        status: 400,
        field: 'body',
        detail: expect.stringMatching(/^this is JSON encoded twice: /),
      });
      expect([order, released]).toEqual([undefined, []]);
    }
  }
  for (const payload of ['"hello"', '"isOnline=0"', '"{"isOnline":"0"}"', '""'])
    expect((await post(PROBE, label, payload)).response.json(), payload).toMatchObject({
      detail: expect.not.stringContaining('this is JSON'),
    });
});

it.each(['text/xml', 'multipart/form-data; boundary=x', 'text/html', 'image/png', 'application/x-protobuf'])(
  'a body of the type %s is not read, and what to send is told',
  async (label) => {
    const { response } = await post(PROBE, label, '{"isOnline":"0"}');
    expect(response.json()).toMatchObject({ status: 415, detail: expect.stringContaining('application/json') });
    expect((await post(PROBE, label, '')).response.statusCode).toBe(200);
  },
);

it('a form whose value is JSON stays a form', async () => {
  const { response, order } = await post(PROBE, FORM, 'payload=%7B%22isOnline%22%3A%220%22%7D&chatServerAppName=ChatServer_1');
  expect([response.statusCode, order?.isOffline, order?.chatServer]).toEqual([200, false, 'ChatServer_1']);
});

describe('a form in a character set', () => {
  it.each([
    ['iso-8859-1', 'Chat_%C4gypten', 'Chat_Ägypten'],
    ['ISO8859_1', 'Chat_%c4gypten', 'Chat_Ägypten'],
    ['iso-8859-15', 'Chat_%A4', 'Chat_€'],
    ['Cp1252', 'Chat_%80+%96+1', 'Chat_€ – 1'],
    ['windows-1252', 'Chat%20%9F', 'Chat Ÿ'],
    ['EUC_JP', '%A5%C1%A5%E3', 'チャ'],
    ['windows_1251', '%D7%E0%F2', 'Чат'],
    ['Shift_JIS', '%83%60%83%83%83b%83g', 'チャット'],
    ['MS932', '%83%60%83%83%83b%83g', 'チャット'],
    ['gb18030', '%C1%C4%CC%EC', '聊天'],
    ['utf-8', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['UTF_8', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['US_ASCII', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['utf-8-sig', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['utf_8_sig', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['utf-8-strict', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['utf8mb4', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['cp65001', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['binary', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
    ['8859_1', 'Chat_%C4gypten', 'Chat_Ägypten'],
    ['utf-16', 'Chat_%C3%84gypten', 'Chat_Ägypten'],
  ])('%s has its percent escapes in it: %s', async (charset, value, name) => {
    const { order } = await post(PROBE, `${FORM}; charset=${charset}`, `x=%FF&chatServerAppName=${value}\n`);
    expect(order?.chatServer).toBe(name);
  });

  it.each([
    ['iso-8859-1', Buffer.from('chatServerAppName=Chat_\u00c4gypten&isOnline=0', 'latin1')],
    ['cp1252', Buffer.from('  chatServerAppName=Chat_\u00c4gypten&isOnline=0 ', 'latin1')],
    ['utf-16', Buffer.from('chatServerAppName=Chat_%C3%84gypten&isOnline=0', 'utf16le')],
    ['utf-8', Buffer.from('\ufeffchatServerAppName=Chat_Ägypten&isOnline=0', 'utf16le')],
    ['utf-16', Buffer.from('{"chatServerAppName":"Chat_Ägypten","isOnline":"0"}')],
    ['iso-8859-1', Buffer.from('\ufeff{"chatServerAppName":"Chat_Ägypten","isOnline":"0"}')],
    ['utf-8', Buffer.from('{"chatServerAppName":"Chat_Ägypten","isOnline":"0"}', 'utf16le').swap16()],
  ])('%s, in bytes as they are, is read by what they show', async (charset, payload) => {
    const { order } = await post(PROBE, `${FORM}; charset=${charset}`, payload);
    expect([order?.chatServer, order?.isOffline]).toEqual(['Chat_Ägypten', true]);
  });

  it.each(['charset=iso-8859-1', 'iso-8859-1', 'charset = latin-1'])(
    '%s is enough of a label, and nothing around the form is of it',
    async (word) => {
      expect((await post(RELEASE, `${FORM}; ${word}`, ' minutes=30\n')).released).toEqual([30]);
      expect((await post(PROBE, `${FORM}; ${word}`, 'chatServerAppName=Chat_%C4')).order?.chatServer).toBe('Chat_Ä');
    },
  );

  it.each(['klingon', 'utf-32', 'cp850', 'iso-2022-kr'])('%s is not known, and said so', async (charset) => {
    const { response } = await post(PROBE, `${FORM}; charset=${charset}`, 'isOnline=0');
    expect(response.json()).toMatchObject({ status: 415, detail: expect.stringContaining('character set') });
  });
});

describe('the readers, whatever comes,', () => {
  const MINUTES = knownFields(['minutes'], { nested: null, ofMany: null });
  const latin1 = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });

  it('take a form as URLSearchParams does, but for what surrounds names', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.string({ unit: 'grapheme' }))), (pairs) => {
        const form = parseForm(new URLSearchParams(pairs).toString());
        const values = Object.entries(form).flatMap(([name, values]) => values.map((one) => [name, one]));
        const byName = (a: readonly unknown[], b: readonly unknown[]) => String(a[0]).localeCompare(String(b[0]));
        const meant = [...new URLSearchParams(pairs)];
        expect(values.sort(byName)).toEqual(meant.sort(byName));
      }),
    ));

  it('give back what a form in Latin-1 said, escaped or not', () =>
    fc.assert(
      fc.property(latin1, fc.boolean(), (said, isEscaped) => {
        const escaped = [...said]
          .map((char) => (isEscaped || /[%&=+]/.test(char) ? `%${char.charCodeAt(0).toString(16).padStart(2, '0')}` : char))
          .join('');
        const decoder = decoderFor(Buffer.from('x='), characterSet('iso-8859-1') ?? '');
        // Latin-1 in a label means Windows-1252, as browsers have it.
        const meant = decoder.decode(Buffer.from(said, 'latin1'));
        expect(parseForm(escapedInUtf8(Buffer.from(`x=${escaped}`, 'latin1'), decoder))).toEqual({ x: [meant] });
      }),
    ));

  it('never throw at a label', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        expect(typeof readLabel(lines).ok).toBe('boolean');
      }),
    ));

  it.each([
    ['a label of quotes', () => readLabel(['"'.repeat(16_000)])],
    ['a label of commas', () => readLabel([',;"'.repeat(5_000)])],
    ['a label of spaces', () => readLabel([`a${' '.repeat(16_000)}=`, `${' '.repeat(16_000)}x`])],
    ['a form of spaces', () => whyNoForm(`a${' '.repeat(65_000)}b`)],
    ['a form of separators', () => parseForm('&='.repeat(32_000))],
    ['a field of separators', () => readFields(MINUTES, { minutes: [`${';minutes'.repeat(8_000)}${' minutes '.repeat(7_000)}`] }, null)],
    ['a field of spaces', () => readFields(MINUTES, { minutes: [`;minutes${' '.repeat(65_000)}`] }, null)],
    ['a form of one name', () => parseForm('a=1&'.repeat(16_000))],
    ['escapes', () => escapedInUtf8(Buffer.from('%c4'.repeat(21_000)), decoderFor(Buffer.from('x'), 'windows-1252'))],
  ])('take no longer than there is to read: %s', (_name, read) => {
    const startedMs = performance.now();
    read();
    expect(performance.now() - startedMs).toBeLessThan(200);
  });
});
