import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { TreePath } from '../schema-tree/tree.ts';
import { valueAt } from '../schema-tree/tree.ts';
import type { ConfigProblems } from './config-problems.ts';
import { certificateProblem, isMixed, isToken, looksGenerated, privateKeyProblem } from './credentials.ts';

/** What reading a file came to. */
export type ReadFileResult =
  | { readonly ok: true; readonly text: string }
  /** `detail`: a code such as ENOENT, never text or the path of the file. */
  | { readonly ok: false; readonly detail: string };

/** Reads a text file whole, relative to the working directory; one of more than `MAX_FILE_BYTES` is `EFBIG`. Never throws. */
export type ReadTextFile = (path: string) => ReadFileResult;

/** Largest file of settings, secrets or certificates. What is larger was put here by mistake, and would take minutes to parse. */
export const MAX_FILE_BYTES = 1_048_576;

/** The same, whoever reads. */
export function bounded(readTextFile: ReadTextFile): ReadTextFile {
  return (path) => {
    const read = readTextFile(path);
    return read.ok && Buffer.byteLength(read.text) > MAX_FILE_BYTES ? { ok: false, detail: 'EFBIG' } : read;
  };
}

/** What is needed to fetch what settings refer to. */
export interface FileSource {
  readonly problems: ConfigProblems;
  readonly readTextFile: ReadTextFile;
  /** Folder of the configuration file: paths in it mean files from there on, those in variables from the working directory on. */
  readonly fileFolder: string;
}

/**
 * The secret of a section: what the environment gives, else what its file holds but for white space around it; null if
 * neither is set. The secret gets into no problem, not even where it stands in place of the file's path.
 */
export function readSecret(source: FileSource, section: unknown, path: TreePath, setting: string): string | null {
  return secretOf(source, section, path, setting, isToken);
}

/** The same for a text that need not be a single word. */
export function readSecretText(source: FileSource, section: unknown, path: TreePath, setting: string): string | null {
  return secretOf(source, section, path, setting, () => true);
}

function secretOf(
  source: FileSource,
  section: unknown,
  path: TreePath,
  setting: string,
  isOfItsKind: (text: string) => boolean,
): string | null {
  const { problems } = source;
  const filePath = [...path, `${setting}File`];
  const direct = valueAt(section, [setting]);
  const file = valueAt(section, [`${setting}File`]);
  if (typeof direct === 'string') {
    if (problems.isFromEnvironment(filePath)) {
      problems.report([...path, setting], `is set together with ${problems.nameOf(filePath)}; set one of them`);
    }
    return direct;
  }
  if (typeof file !== 'string') return null;
  const { text, report } = readSetFile(source, file, filePath);
  if (text === '') report('names an empty file');
  else if (text !== null && !isOfItsKind(text)) report('names a file with white space, control or non-ASCII characters inside the secret');
  return text;
}

/**
 * The secrets that a file holds, one a line but for white space around it; null after reporting what is wrong. Blank lines do no harm.
 */
export function readSecretLines(source: FileSource, file: string, path: TreePath): readonly string[] | null {
  const { text, report } = readSetFile(source, file, path);
  if (text === null) return null;
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) report('names an empty file');
  else if (lines.every(isToken)) return lines;
  else report('names a file with white space, control or non-ASCII characters inside the secret');
  return null;
}

/** A certificate and its private key, in PEM, which may be left out together; null where they are, or after reporting what is wrong. */
export function readIdentity(
  source: FileSource,
  files: { readonly certFile?: string | undefined; readonly keyFile?: string | undefined },
  path: TreePath,
): { readonly cert: string; readonly key: string } | null {
  const { problems } = source;
  const [certPath, keyPath] = [
    [...path, 'certFile'],
    [...path, 'keyFile'],
  ];
  const { certFile, keyFile } = files;
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined || keyFile === undefined) {
    const [missing, given] = certFile === undefined ? [certPath, keyPath] : [keyPath, certPath];
    if (problems.isSound(missing)) problems.report(missing, `must be set where ${problems.nameOf(given)} is`);
    return null;
  }
  const cert = readCertificates(source, certFile, certPath);
  const { text: key, report } = readSetFile(source, keyFile, keyPath);
  if (cert === null || key === null) return null;
  const problem = certificateProblem(cert) === null ? privateKeyProblem(key, cert) : null;
  if (problem !== null) report(`names a file ${problem}`);
  return { cert, key };
}

/** The certificates in PEM that the file holds. */
export function readCertificates(source: FileSource, file: string, path: TreePath): string | null {
  const { text, report } = readSetFile(source, file, path);
  if (text === null) return null;
  const problem = certificateProblem(text);
  if (problem !== null) report(`names a file ${problem}`);
  return text;
}

/** What is wrong with a file that cannot be read, for whoever has to find it. @param detail the system's code. */
export function unreadable(given: string, lookedAt: string, detail: string): string {
  const words = REASONS[detail];
  return `names a file that cannot be read: ${shownFile(given, lookedAt)} (${words === undefined ? detail : `${detail}, ${words}`})`;
}

interface SetFile {
  /** But for white space around it; null after reporting that it cannot be read. */
  readonly text: string | null;
  /** Reports what is wrong with the file, and which one it is. */
  readonly report: (problem: string) => void;
}

function readSetFile({ problems, readTextFile, fileFolder }: FileSource, file: string, path: TreePath): SetFile {
  const lookedAt = problems.isFromEnvironment(path) || isAbsolute(file) ? file : join(fileFolder, file);
  const read = readTextFile(lookedAt);
  if (!read.ok) problems.report(path, unreadable(file, lookedAt, read.detail));
  return {
    text: read.ok ? read.text.trim() : null,
    report: (problem) => problems.report(path, `${problem}: ${shownFile(file, lookedAt)}`),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a folder on the way to it is a file',
  EFBIG: 'it is larger than 1 MiB',
  ELOOP: 'its links lead in a circle',
};

/** The path as given and, where that is another, in full. What may be a secret in place of a path is not shown. */
function shownFile(given: string, lookedAt: string): string {
  const whole = resolve(lookedAt);
  if (!mayBeSecret(given)) return given === whole ? JSON.stringify(given) : `${JSON.stringify(given)}, which is ${JSON.stringify(whole)}`;
  const where = isAbsolute(given) ? '' : `, looked for in ${JSON.stringify(dirname(whole))}`;
  return `its name is not shown, since it may be a secret${where}`;
}

/** A lone word without a folder or an ending may be a password. */
function mayBeSecret(path: string): boolean {
  const runs = path.split(/[^A-Za-z0-9]+/);
  if (looksGenerated(path)) return true;
  if (/[/\\.]/.test(path)) return false;
  return (runs.length === 1 && path.length >= 10) || runs.some((run) => run.length >= 8 && isMixed(run));
}
