import { dotted, type TreePath } from '../schema-tree/tree.ts';
import type { Caller, Scope } from './config.ts';
import type { Settings } from './schema.ts';
import { type FileSource, readSecret, readSecretLines } from './secret-files.ts';
import { HASH_PREFIX, parseSecretHash, type SecretHash } from './secret-hash.ts';

/** The callers that a token of the environment, or a token file, makes: by the setting, with the one scope that each has. */
const BY_TOKEN = [
  { name: 'default', scope: 'probe', setting: 'apiToken', fileSetting: 'apiTokenFile' },
  { name: 'ops', scope: 'ops', setting: 'opsToken', fileSetting: 'opsTokenFile' },
] as const satisfies readonly { name: string; scope: Scope; setting: string; fileSetting: string }[];

/** What log and metrics call a caller that is none of ours. */
const RESERVED = ['anonymous', 'unknown'];
/** A wrong secret is compared with the hash of everybody who has one, and each takes a processor for some 80 ms. */
const MAX_HASHES = 8;

/** Everybody who may ask, with all secrets; what does not fit is reported. No problem holds a secret. */
export function callersOf(source: FileSource, settings: Settings['server']): readonly Caller[] {
  const byToken = BY_TOKEN.flatMap(({ name, scope, setting, fileSetting }) => {
    const secrets = tokensOf(source, settings, setting, fileSetting);
    if (secrets === null) return [];
    if (Object.hasOwn(settings.callers, name))
      source.problems.report(
        ['server', 'callers', name],
        `is what server.${fileSetting} calls its own caller: use another name, or that setting alone`,
      );
    return [{ name, scopes: [scope], ...sorted(source, ['server', fileSetting], secrets) }];
  });
  const named = Object.entries(settings.callers).map(([name, caller]) => namedCaller(source, name, caller));
  const all = [...byToken, ...named];
  checkTogether(source, all);
  return all;
}

function tokensOf(
  source: FileSource,
  settings: Settings['server'],
  setting: 'apiToken' | 'opsToken',
  fileSetting: 'apiTokenFile' | 'opsTokenFile',
): readonly string[] | null {
  const file = settings[fileSetting];
  // A token in the environment wins over the file, and is told where both come from there.
  if (settings[setting] !== undefined) return [readSecret(source, settings, ['server'], setting) ?? ''];
  return file === undefined ? null : (readSecretLines(source, file, ['server', fileSetting]) ?? []);
}

function namedCaller(
  source: FileSource,
  name: string,
  { scopes, secretFiles, secretHashes }: Settings['server']['callers'][string],
): Caller {
  const { problems } = source;
  const path: TreePath = ['server', 'callers', name];
  if (RESERVED.includes(name)) problems.report(path, `is a name that log and metrics have for others: use none of ${RESERVED.join(', ')}`);
  if (
    secretFiles.length === 0 &&
    secretHashes.length === 0 &&
    ['secretFiles', 'secretHashes'].every((key) => problems.isSound([...path, key]))
  )
    problems.report(path, 'has no secret: set secretFiles or secretHashes');
  const fromFiles = secretFiles.map((file, index) => {
    const filePath = [...path, 'secretFiles', index];
    return problems.isSound(filePath) ? sorted(source, filePath, readSecretLines(source, file, filePath) ?? []) : NO_SECRETS;
  });
  const hashes = secretHashes.flatMap((text, index) => hashAt(source, [...path, 'secretHashes', index], text) ?? []);
  return {
    name,
    scopes,
    secrets: fromFiles.flatMap(({ secrets }) => secrets),
    hashes: [...fromFiles.flatMap((file) => file.hashes), ...hashes],
  };
}

type Secrets = Pick<Caller, 'secrets' | 'hashes'>;

const NO_SECRETS: Secrets = { secrets: [], hashes: [] };

/** The lines of a file: secrets and hashes. */
function sorted(source: FileSource, path: TreePath, lines: readonly string[]): Secrets {
  return {
    secrets: lines.filter((line) => !line.startsWith(HASH_PREFIX)),
    hashes: lines.filter((line) => line.startsWith(HASH_PREFIX)).flatMap((line) => hashAt(source, path, line) ?? []),
  };
}

function hashAt({ problems }: FileSource, path: TreePath, text: string): SecretHash | null {
  const hash = parseSecretHash(text);
  if (hash === null && problems.isSound(path)) problems.report(path, 'holds what is no hash that `chat-probe hash-secret` prints');
  return hash;
}

/** A secret must tell who shows it, and a wrong one must not cost too much. */
function checkTogether({ problems }: FileSource, callers: readonly Caller[]): void {
  const owners = new Map<string, string>();
  for (const { name, secrets, hashes } of callers) {
    for (const secret of new Set([...secrets, ...hashes.map(({ text }) => text)])) {
      const owner = owners.get(secret);
      if (owner !== undefined)
        problems.reportOf(dotted(['server', 'callers', name]), `has a secret that ${owner} has too: each must be of one caller`);
      owners.set(secret, name);
    }
  }
  const hashes = callers.reduce((sum, caller) => sum + caller.hashes.length, 0);
  if (hashes > MAX_HASHES)
    problems.reportOf(
      'server.callers',
      `have ${hashes} hashes, more than ${MAX_HASHES}: a wrong secret is compared with each; keep some in files`,
    );
}
