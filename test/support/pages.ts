import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'reports']);

/** Every file of the repository, by its path from the root. */
export const FILES = filesBelow('');
export const DOCUMENTS = FILES.filter((file) => file.endsWith('.md'));
/** What stands in a cell that has nothing to say. */
export const NONE = '-';

/** The text of a file, by its path from the root. */
export function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The rows of the first table whose header begins with these columns, cell by cell. */
export function table(page: string, ...header: readonly string[]): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex(
    (line) => line.startsWith('|') && header.every((column, index) => bare(cells(line)[index] ?? '') === column),
  );
  if (start < 0) throw new Error(`no table ${header.join(' | ')}`);
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      Math.max(
        0,
        rows.findIndex((line) => !line.startsWith('|')),
      ),
    )
    .map(cells);
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** A cell without the marks of code. */
export function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

export function after(page: string, heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`);
  return rest;
}

/** The fenced blocks of one language. */
export function blocks(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, found]) => found === language).map(([, , block = '']) => block);
}

/** Tells where each statement about Genesys comes from. */
export function tagsIn(file: string): string[] {
  return [...text(file).matchAll(/\[([A-Z])\](?!\()/g)].map(([, tag = '']) => tag);
}

export function linksIn(file: string): string[] {
  const prose = withoutFences(text(file)).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

export function targetOf(file: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? file : join(dirname(file), path);
}

export function leadsSomewhere(file: string, link: string): boolean {
  const target = targetOf(file, link);
  if (!existsSync(join(ROOT, target))) return false;
  const anchor = link.split('#')[1];
  if (anchor === undefined) return true;
  return headingsOf(text(target)).some(
    (heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-') === anchor,
  );
}

/** A page without its fenced blocks. */
export function withoutFences(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, '');
}

/** The headings of a page, without their marks. */
export function headingsOf(page: string): string[] {
  return [...withoutFences(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
}

/** Rows by the first of their cells. */
export function sorted(rows: readonly (readonly unknown[])[]): unknown[] {
  return [...rows].sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}

/** A value as a table shows it. */
export function printed(value: unknown): string {
  if (value === undefined) return NONE;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
