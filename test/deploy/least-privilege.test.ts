import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { valueAt } from '../../src/schema-tree/tree.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const linesOf = (path: string): readonly string[] =>
  read(path)
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

describe('the Dockerfile', () => {
  const lines = linesOf('Dockerfile');
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  it('runs as a user by number, who is not root and owns none of its files', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 1000']);
    expect(lines.filter((line) => line.includes('--chown') || line.includes('--chmod'))).toEqual([]);
  });

  it('runs no script of a package', () => {
    const installs = lines.filter((line) => /\bnpm (?:ci|i|install)\b/.test(line));
    expect(installs).toHaveLength(2);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
  });

  it('takes nothing from the network but packages, and no secret as an argument', () => {
    expect(lines.filter((line) => /^(?:ADD|ARG|VOLUME)\b|curl|wget|TOKEN|SECRET|PASSWORD/.test(line))).toEqual([]);
  });

  it('is given nothing that is not named', () => {
    expect(linesOf('.dockerignore')[0]).toBe('*');
  });
});

describe('docker-compose.yml', () => {
  const services = Object.entries(parse(read('docker-compose.yml'), { merge: true }).services);

  it.each(services)('%s has no right that it does not need', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ulimits: { core: 0 },
    });
    for (const right of ['privileged', 'cap_add', 'network_mode', 'pid', 'ipc', 'devices', 'user'])
      expect(service).not.toHaveProperty(right);
  });

  it.each(services)('%s is reached from this machine alone, and changes none of its files', (_name, service) => {
    const [ports, volumes] = ['ports', 'volumes'].map((name) => [valueAt(service, [name]) ?? []].flat().map(String)) as [
      string[],
      string[],
    ];
    expect(ports).toHaveLength(1);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(volumes.filter((volume) => !volume.endsWith(':ro') || volume.includes('docker.sock'))).toEqual([]);
  });
});

describe('deploy/chat-probe.service', () => {
  const lines = linesOf('deploy/chat-probe.service');

  it.each([
    ...['DynamicUser=yes', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'AmbientCapabilities=', 'UMask=0077', 'LimitCORE=0'],
    ...['ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'PrivateDevices=yes', 'PrivateMounts=yes', 'PrivateUsers=yes'],
    ...['ProtectClock=yes', 'ProtectControlGroups=yes', 'ProtectHostname=yes', 'ProtectProc=invisible', 'RemoveIPC=yes'],
    ...['ProtectKernelLogs=yes', 'ProtectKernelModules=yes', 'ProtectKernelTunables=yes', 'LockPersonality=yes'],
    ...['RestrictNamespaces=yes', 'RestrictRealtime=yes', 'RestrictSUIDSGID=yes'],
    ...['SystemCallArchitectures=native', 'SystemCallFilter=@system-service', 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX'],
  ])('has %s', (line) => {
    expect(lines).toContain(line);
  });

  it('does not forbid what Node.js lives by: code that is made while it runs', () => {
    expect(lines.filter((line) => line.startsWith('MemoryDenyWriteExecute='))).toEqual([]);
  });

  it('has its secrets from credentials, never from a variable that the unit shows', () => {
    expect(lines).toContain('LoadCredential=api-token:/etc/chat-probe/api-token');
    expect(lines.filter((line) => /^Environment=.*(?:TOKEN|SECRET|PASSWORD)(?!_FILE)=/.test(line))).toEqual([]);
  });
});

describe('npm', () => {
  it('runs no script of a package that it installs', () => {
    expect(linesOf('.npmrc')).toContain('ignore-scripts=true');
  });

  it('is left to run none of our scripts before or after another, which that setting keeps it from', () => {
    const names = Object.keys(manifest.scripts);
    expect(names.filter((name) => /^(?:pre|post)/.test(name) && names.includes(name.replace(/^(?:pre|post)/, '')))).toEqual([]);
    expect(names.filter((name) => /^(?:pre|post)?(?:install|pack|publish|prepare|prepublishOnly)$/.test(name))).toEqual([]);
  });
});
