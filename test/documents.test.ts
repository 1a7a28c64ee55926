import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { ENVIRONMENT } from '../src/config/environment.ts';
import { DOCUMENTS, FILES, headingsOf, leadsSomewhere, linksIn, table, tagsIn, targetOf, text } from './support/pages.ts';

describe('all documents', () => {
  it('link only to files and headings that exist', () => {
    const dead = DOCUMENTS.flatMap((file) =>
      linksIn(file)
        .filter((link) => !leadsSomewhere(file, link))
        .map((link) => `${file}: ${link}`),
    );
    expect(dead).toEqual([]);
    expect(linksIn('README.md').length).toBeGreaterThan(10);
  });

  it('name only scripts that exist', () => {
    const named = DOCUMENTS.flatMap((file) =>
      [...text(file).matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map(([, run, plain]) => run ?? plain ?? ''),
    );
    expect(named).toContain('start');
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  it('name only environment variables that exist, and so do the files for deployment', () => {
    const deployment = FILES.filter((file) => /^(Dockerfile|docker-compose\.yml|deploy\/.*)$/.test(file));
    const named = [...DOCUMENTS, ...deployment].flatMap((file) =>
      [...text(file).matchAll(/CHATPROBE_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => ({ file, name })),
    );
    expect(new Set(named.map(({ file }) => file))).toContain('docker-compose.yml');
    const known = new Set(ENVIRONMENT.map(({ name }) => name));
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('name only files and folders of this repository that exist', () => {
    const path = /`((?:src|lab|test|tools|bench|deploy|docs|scenarios|findings|examples)\/[\w./-]*)`/g;
    const named = DOCUMENTS.flatMap((file) => [...text(file).matchAll(path)].map(([, name = '']) => ({ file, name })));
    expect(named.length).toBeGreaterThan(50);
    const isThere = (name: string) => FILES.some((file) => file === name || file.startsWith(name.endsWith('/') ? name : `${name}/`));
    const missing = named.filter(({ file, name }) => !isThere(name) && !isThere(join(dirname(file), name)) && !name.includes('NAME'));
    expect(missing).toEqual([]);
  });

  it('tell of every script', () => {
    const told = new Set(
      table(text('CONTRIBUTING.md'), 'Script', 'Does').map(([script = '']) => /npm (?:run )?([\w:-]+)/.exec(script)?.[1]),
    );
    expect([...told].sort()).toEqual(Object.keys(manifest.scripts).sort());
  });

  it('hold no path of the machine they were written on', () => {
    const found = DOCUMENTS.flatMap((file) =>
      [...text(file).matchAll(/(?<![\w.}])\/(work|home|root|tmp|Users)\/\S*/g)].map(([path]) => `${file}: ${path}`),
    );
    expect(found).toEqual([]);
  });

  it('are all named by the README or by a document that it names', () => {
    const reached = new Set(['README.md']);
    for (const file of reached)
      for (const link of linksIn(file)) if (link.split('#')[0]?.endsWith('.md')) reached.add(targetOf(file, link));
    const pages = DOCUMENTS.filter((file) => file.startsWith('docs/') || !file.includes('/'));
    expect(pages.filter((file) => !reached.has(file))).toEqual([]);
  });

  it('explain every tag that they use', () => {
    const explained = table(text('docs/genesys.md'), 'Tag', 'It is').map(([tag = '']) => tag.replace(/\W/g, ''));
    expect([...new Set(tagsIn('docs/genesys.md'))].sort()).toEqual([...explained].sort());
    const unknown = DOCUMENTS.flatMap((file) =>
      tagsIn(file)
        .filter((tag) => !explained.includes(tag))
        .map((tag) => `${file}: ${tag}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the code', () => {
  const CODE = /^(src|lab|test|tools|bench|deploy)\/.*\.(ts|yml|yaml|cfg|conf)$|^gateway\.openapi\.yaml$/;
  const files = FILES.filter((file) => CODE.test(file));

  it('refers only to pages and headings that exist', () => {
    const named = /\b((?:docs|bench|examples\/[\w-]+)\/[\w-]+\.md|(?:README|CONTRIBUTING|CHANGELOG)\.md)((?:(?:, | and )"[^"]+")*)/g;
    const references = files.flatMap((file) =>
      [...text(file).matchAll(named)].map(([, page = '', names = '']) => ({
        file,
        page,
        headings: [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
      })),
    );
    expect(references.filter(({ headings }) => headings.length > 0).length).toBeGreaterThan(20);
    const dead = references.filter(
      ({ page, headings }) => !DOCUMENTS.includes(page) || headings.some((name) => !headingsOf(text(page)).includes(name)),
    );
    expect(dead).toEqual([]);
  });

  it('refers to no paragraph by its number: nobody could look it up here', () => {
    const found = [...files, ...DOCUMENTS].filter((file) => file !== 'test/documents.test.ts' && /§/.test(text(file)));
    expect(found).toEqual([]);
  });
});
