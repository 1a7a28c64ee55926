import { X509Certificate } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { ConfigProblems } from './config-problems.ts';
import { isToken } from './schema.ts';
import type { SettingPath } from './setting-path.ts';
import { valueAt } from './setting-path.ts';

/** What reading a file came to. */
export type ReadFileResult =
  | { readonly ok: true; readonly text: string }
  /** `detail`: a code such as ENOENT, never text or the path of the file. */
  | { readonly ok: false; readonly detail: string };

/** Reads a text file whole, relative to the working directory. Never throws. */
export type ReadTextFile = (path: string) => ReadFileResult;

/** What is needed to fetch what settings refer to. */
export interface FileSource {
  readonly findings: ConfigProblems;
  readonly readTextFile: ReadTextFile;
  /** Folder of the configuration file: paths in it mean files from there on, those in variables from the working directory on. */
  readonly fileFolder: string;
}

/**
 * The secret of a section: what the environment gives, else what its file holds but for white space around it; null if
 * neither is set. Neither the secret nor the file's path, for which it may have been mistaken, gets into a problem.
 */
export function readSecret(source: FileSource, section: unknown, path: SettingPath, setting: string): string | null {
  const { findings } = source;
  const filePath = [...path, `${setting}File`];
  const direct = valueAt(section, [setting]);
  const file = valueAt(section, [`${setting}File`]);
  if (typeof direct === 'string') {
    if (findings.isFromEnvironment(filePath)) {
      findings.report([...path, setting], `is set together with ${findings.nameOf(filePath)}; set one of them`);
    }
    return direct;
  }
  const text = typeof file === 'string' ? readSetFile(source, file, filePath) : null;
  if (text === null) return null;
  if (text === '') findings.report(filePath, 'names an empty file');
  else if (!isToken(text)) findings.report(filePath, 'names a file with white space, control or non-ASCII characters inside the secret');
  return text;
}

/** The certificates in PEM that the file holds. */
export function readCertificates(source: FileSource, file: string, path: SettingPath): string | null {
  const text = readSetFile(source, file, path);
  if (text === null) return null;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) source.findings.report(path, 'names a file without a certificate in PEM');
  else if (!blocks.every(isCertificate)) source.findings.report(path, 'names a file with a certificate that cannot be read');
  return text;
}

/** The file's text but for white space around it, null after reporting that it cannot be read. */
function readSetFile({ findings, readTextFile, fileFolder }: FileSource, file: string, path: SettingPath): string | null {
  const read = readTextFile(findings.isFromEnvironment(path) || isAbsolute(file) ? file : join(fileFolder, file));
  if (read.ok) return read.text.trim();
  findings.report(path, `names a file that cannot be read (${read.detail})`);
  return null;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
