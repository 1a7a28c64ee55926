import { closeSync, openSync, readSync } from 'node:fs';
import type { ReadFileResult } from '../config/secret-files.ts';

/** As large as a file of settings, secrets or certificates may be: see `MAX_FILE_BYTES`. */
const MAX_BYTES = 1_048_576;

/**
 * Reads a text file whole, relative to the working directory. Never throws; `detail` is the system's code, such as ENOENT. What is larger
 * than 1 MiB is `EFBIG`, and no more of it is read: some files have no end.
 */
export function readTextFile(path: string): ReadFileResult {
  try {
    const bytes = firstBytes(path, MAX_BYTES + 1);
    return bytes.length > MAX_BYTES ? { ok: false, detail: 'EFBIG' } : { ok: true, text: bytes.toString('utf8') };
  } catch (fault) {
    return { ok: false, detail: codeOf(fault) };
  }
}

function firstBytes(path: string, most: number): Buffer {
  const bytes = Buffer.allocUnsafe(most);
  const file = openSync(path, 'r');
  try {
    let size = 0;
    for (let read = -1; read !== 0 && size < most; size += read) read = readSync(file, bytes, size, most - size, null);
    return bytes.subarray(0, size);
  } finally {
    closeSync(file);
  }
}

/** The system's code of a fault, such as ENOENT or EADDRINUSE. */
export function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';
}
