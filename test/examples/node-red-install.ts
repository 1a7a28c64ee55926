import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** As the document says that it was tried with. */
export const NODE_RED = '4.1.15';

/** Node-RED brings 280 packages, and is asked for here alone: it is installed in a folder that is gone afterwards. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'chat-probe-node-red-'));
  const where = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--silent', ...where, `node-red@${NODE_RED}`], { stdio: 'inherit' });
  project.provide('nodeRed', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which Node-RED is installed. */
    nodeRed: string;
  }
}
