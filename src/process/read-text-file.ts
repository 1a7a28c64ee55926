import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ReadFileResult } from '../config/secret-files.ts';

/** What is no file with an end of its own: a named pipe would hold the whole process until somebody writes to it. */
const NO_FILE = 'not a regular file';
/** As large as a file of settings, secrets or certificates may be: see `MAX_FILE_BYTES`. */
const MAX_BYTES = 1_048_576;

/**
 * Reads a text file whole, relative to the working directory. Never throws; `detail` is the system's code, such as ENOENT, or says that it
 * is no regular file, nor a link to one. What is larger than 1 MiB is `EFBIG`, and no more of it is read.
 */
export function readTextFile(path: string): ReadFileResult {
  try {
    const bytes = firstBytes(path, MAX_BYTES + 1);
    if (bytes === null) return { ok: false, detail: NO_FILE };
    return bytes.length > MAX_BYTES ? { ok: false, detail: 'EFBIG' } : { ok: true, text: bytes.toString('utf8') };
  } catch (fault) {
    return { ok: false, detail: codeOf(fault) };
  }
}

/** Null of what is no file. Opened before it is looked at: in between another could take its place. */
function firstBytes(path: string, most: number): Buffer | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const kind = fstatSync(file);
    if (!kind.isFile() && !kind.isDirectory()) return null;
    const bytes = Buffer.allocUnsafe(most);
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
