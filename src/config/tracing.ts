import type { TreePath } from '../schema-tree/tree.ts';
import type { TracingConfig } from './config.ts';
import type { FileSource } from './secret-files.ts';
import { readSecretText } from './secret-files.ts';
import { parseHttpUrl } from './targets.ts';
import type { TracingSettings } from './tracing-schema.ts';

const PATH: TreePath = ['server', 'tracing'];
/** Appended to the endpoint that serves traces, metrics and logs alike. */
const TRACES_PATH = '/v1/traces';
const SERVICE_NAME = 'service.name';

/** Null where no spans are made. What is wrong is reported all the same, so that it shows before the endpoint is set. */
export function tracingConfig(source: FileSource, settings: TracingSettings): TracingConfig | null {
  const url = urlOf(source, settings);
  const secretHeaders = headersOf(source, settings);
  const resourceAttributes = pairsOf(source, settings.resourceAttributes ?? null, 'resourceAttributes', ATTRIBUTE);
  if (url === null || settings.disabled || settings.exporter === 'none') return null;
  return {
    url,
    secretHeaders,
    timeoutMs: settings.timeoutMs,
    serviceName: settings.serviceName ?? resourceAttributes[SERVICE_NAME] ?? 'chat-probe',
    resourceAttributes,
    sampler: settings.sampler,
    samplerArg: settings.samplerArg,
  };
}

function urlOf(source: FileSource, { endpoint, tracesEndpoint }: TracingSettings): string | null {
  const base = checkedUrl(source, endpoint, 'endpoint');
  const whole = checkedUrl(source, tracesEndpoint, 'tracesEndpoint');
  return whole ?? (base === null ? null : base.replace(/(?<!\/)\/+$/, '') + TRACES_PATH);
}

function checkedUrl({ problems }: FileSource, given: string | undefined, setting: string): string | null {
  const path = [...PATH, setting];
  if (given === undefined || !problems.isSound(path)) return null;
  const parsed = parseHttpUrl(given, 'headersFile or OTEL_EXPORTER_OTLP_HEADERS');
  if (!parsed.ok) problems.report(path, parsed.because);
  return parsed.ok ? parsed.url : null;
}

function headersOf(source: FileSource, settings: TracingSettings): TracingConfig['secretHeaders'] {
  const text = readSecretText(source, settings, PATH, 'headers');
  const setting = settings.headers === undefined ? 'headersFile' : 'headers';
  return pairsOf(source, text, setting, HEADER);
}

/** What a list of pairs may hold, in words and as it is checked. */
interface PairRule {
  readonly name: RegExp;
  readonly value: RegExp;
  readonly mustBe: string;
}

/** What HTTP sets by itself must not come twice, nor say something else. */
const HEADER: PairRule = {
  name: /^(?!(?:host|connection|content-type|content-length|content-encoding|transfer-encoding|expect|upgrade|te|trailer)$)[!#$%&'*+.^_`|~0-9a-z-]{1,256}$/i,
  value: /^[\x20-\x7e]*$/,
  mustBe: 'must be headers as name=value,name=value, percent-encoded, and none that HTTP itself has use for',
};
const ATTRIBUTE: PairRule = {
  name: /^[\x21-\x2b\x2d-\x3c\x3e-\x7e]{1,255}$/,
  value: /^\P{Cc}{0,255}$/u,
  mustBe: 'must be attributes as name=value,name=value, percent-encoded',
};

/** Reads `name=value,name=value`; reports the whole list if a part of it cannot be read. No value gets into a problem: it may be a secret. */
function pairsOf({ problems }: FileSource, text: string | null, setting: string, rule: PairRule): Readonly<Record<string, string>> {
  if (text === null || !problems.isSound([...PATH, setting])) return {};
  const members = text
    .split(/[,\r\n]/)
    .map((member) => member.trim())
    .filter((member) => member !== '');
  const pairs = members.map((member) => pairOf(member, rule)).filter((pair) => pair !== null);
  if (pairs.length < members.length) problems.report([...PATH, setting], rule.mustBe);
  return Object.fromEntries(pairs);
}

function pairOf(member: string, rule: PairRule): readonly [string, string] | null {
  const end = member.indexOf('=');
  const name = decoded(member.slice(0, Math.max(0, end)).trim());
  const value = decoded(member.slice(end + 1).trim());
  return name !== null && value !== null && rule.name.test(name) && rule.value.test(value) ? [name, value] : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
