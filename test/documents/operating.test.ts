import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCOPES } from '../../src/config/access-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SCOPE_OF_ROUTE } from '../../src/http/scopes.ts';
import { SHED_CAUSES, WITHHOLDINGS } from '../../src/resilience/events.ts';
import { IMAGE, SECRET } from '../../tools/kubernetes/base.ts';
import { after, bare, blocks, table, text } from '../support/pages.ts';
import { answersOf, curlExamples, withoutChance } from '../support/pasted-curl.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const PAGE = text('docs/operating.md');

interface AlertRule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
}

describe('docs/operating.md', () => {
  const examples = blocks(PAGE, 'yaml').filter((block) => /^server:/m.test(block));

  it.each(examples)('shows a configuration file that the service accepts: %#', (example) => {
    const { cert, key } = selfSignedCertificate('127.0.0.1');
    const read = (path: string) => {
      const pem = path.endsWith('.key') ? key : /\.(crt|pem)$/.test(path) ? cert : `a-secret-of-${path.replaceAll('/', '-')}`;
      return { ok: true, text: path === 'example' ? example : pem } as const;
    };
    const loaded = loadConfig({ CHATPROBE_CONFIG: 'example' }, read);
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });

  it('has a row for each scope with the routes that need it', () => {
    const rows = table(PAGE, 'Scope', 'Guards').map(([scope = '', routes = '']) => [bare(scope), routes.split(', ').map(bare)]);
    const routesOf = (scope: string) => Object.keys(SCOPE_OF_ROUTE).filter((route) => SCOPE_OF_ROUTE[route] === scope);
    expect(rows).toEqual(SCOPES.map((scope) => [scope, routesOf(scope)]));
  });

  it('makes the secrets and names the image, the namespaces and the folders that the manifests have', () => {
    const section = after(PAGE, '## Kubernetes');
    const [create = ''] = /create secret generic \S+[\s\S]*?(?=kubectl)/.exec(section) ?? [];
    expect([/generic (\S+)/.exec(create)?.[1], ...[...create.matchAll(/--from-file=(\S+)/g)].map(([, key]) => key)]).toEqual([
      SECRET.name,
      ...SECRET.keys,
    ]);
    expect(section).toContain(`\`${IMAGE}\``);
    const namespaces = [...section.matchAll(/kubectl -n (\S+)|create namespace (\S+)/g)].map(([, used, made]) => used ?? made);
    const known = ['demo', 'production'].map(
      (overlay): string => parse(text(`deploy/kubernetes/overlays/${overlay}/kustomization.yaml`)).namespace,
    );
    expect([...new Set(namespaces)].sort()).toEqual(known.sort());
  });

  it('lists every cause for which a stop is withheld, and no other', () => {
    expect(table(PAGE, 'Cause', 'The stop is withheld because').map(([cause = '']) => bare(cause))).toEqual(WITHHOLDINGS);
  });

  it('lists every cause for which a probe is shed, and no other', () => {
    expect(table(PAGE, 'Cause', 'There is too much of').map(([cause = '']) => bare(cause))).toEqual(SHED_CAUSES);
  });

  it('lists every alert with its severity, and no other', () => {
    const groups: readonly { readonly rules: readonly AlertRule[] }[] = parse(text('deploy/prometheus/alerts.yml')).groups;
    const rules = groups.flatMap((group) => group.rules.map(({ alert, labels }) => [alert, labels.severity]));
    const rows = table(PAGE, 'Alert', 'Severity').map(([name = '', severity]) => [
      /^\[`(\w+)`\]\(runbooks\/\1\.md\)$/.exec(name)?.[1],
      severity,
    ]);
    expect(rows.sort()).toEqual(rules.sort());
  });

  it('shows the answer that its curl line gets', async () => {
    const examples = curlExamples(PAGE);
    expect(examples).toHaveLength(1);
    const answers = await answersOf(examples);
    expect(withoutChance(answers)).toEqual(withoutChance(examples.map(({ answer }) => ({ status: 200, answer }))));
  });
});
