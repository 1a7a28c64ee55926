import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ReadTextFile } from '../config/secret-files.ts';
import { codeOf } from './read-text-file.ts';

/** How a file looks from outside: another text for another file in its place, or other contents. Of one that cannot be had, why. */
export type Look = string;
export type Looks = ReadonlyMap<string, Look>;

export interface RecordedReads {
  readonly readTextFile: ReadTextFile;
  /** The files that were read, by path, or that could not be; and how each looked just before. */
  readonly looks: Looks;
}

/** Reads files as `readTextFile` does, and remembers which. */
export function recordReads(readTextFile: ReadTextFile): RecordedReads {
  const looks = new Map<string, Look>();
  return {
    looks,
    readTextFile(path) {
      // Before it is read: what is written from then on is seen as a change.
      looks.set(path, lookAt(path));
      return readTextFile(path);
    },
  };
}

/** How the files look now. Does not hold the process up where a file system does not answer. */
export async function looksOf(paths: Iterable<string>): Promise<Looks> {
  const found = [...paths].map(async (path) => {
    const look = await stat(path, { bigint: true }).then(textOf, codeOf);
    return [path, look] as const;
  });
  return new Map(await Promise.all(found));
}

function lookAt(path: string): Look {
  try {
    return textOf(statSync(path, { bigint: true }));
  } catch (fault) {
    return codeOf(fault);
  }
}

/** Through symbolic links, so that a link that leads elsewhere shows, at whichever step of the path. */
function textOf({ dev, ino, size, mtimeNs, ctimeNs }: Record<'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs', bigint>): Look {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
