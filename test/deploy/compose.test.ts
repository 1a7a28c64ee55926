import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly pull_policy?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const file: { readonly services: Readonly<Record<string, Service>> } = parse(
  readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'),
  { merge: true },
);
const services = Object.entries(file.services);
const builders = services.filter(([, { build }]) => build !== undefined);

it('docker-compose.yml builds each image once: built twice, its second export fails', () => {
  const images = builders.map(([, { image }]) => image);
  expect(images).toEqual(['chat-probe:demo']);
});

it('docker-compose.yml starts what uses a built image after its builder, and never looks for it elsewhere', () => {
  for (const [builder, { image }] of builders) {
    const users = services.filter(([name, service]) => name !== builder && service.image === image);
    expect(users.map(([name]) => name)).toEqual(['probe']);
    for (const [, user] of users) expect([user.pull_policy, Object.keys(user.depends_on ?? {})]).toEqual(['never', [builder]]);
  }
});
