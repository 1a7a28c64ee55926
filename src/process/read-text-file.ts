import { readFileSync } from 'node:fs';
import type { ReadFileResult } from '../config/secret-files.ts';

/** Reads a text file whole, relative to the working directory. Never throws; `detail` is the system's code, such as ENOENT. */
export function readTextFile(path: string): ReadFileResult {
  try {
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (fault) {
    return { ok: false, detail: codeOf(fault) };
  }
}

/** The system's code of a fault, such as ENOENT or EADDRINUSE. */
export function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';
}
