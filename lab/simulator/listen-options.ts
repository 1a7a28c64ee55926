import { isIP } from 'node:net';
import { withoutInjected } from '../../src/config/injected-variables.ts';

/** Where the simulator listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export type ReadListenOptions =
  /** `ignored`: names of variables that Kubernetes injects. */
  | { readonly ok: true; readonly options: ListenOptions; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const PREFIX = 'CHATPROBE_SIM_';
const KNOWN: readonly string[] = ['CHATPROBE_SIM_HOST', 'CHATPROBE_SIM_PORT'];
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const MAX_PORT = 65_535;

/** Reads `CHATPROBE_SIM_HOST` and `CHATPROBE_SIM_PORT`; an empty string counts as not given. Reports every problem in one go. */
export function readListenOptions(env: Readonly<Record<string, string | undefined>>): ReadListenOptions {
  const { given, ignored } = withoutInjected(env, PREFIX);
  const host = given['CHATPROBE_SIM_HOST'] || '127.0.0.1';
  const port = given['CHATPROBE_SIM_PORT'] || '9190';
  const problems = Object.keys(given)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.includes(name))
    .map((name) => `${name} is not known; known are ${KNOWN.join(' and ')}`);

  if (isIP(host) === 0 && !HOST_NAME.test(host)) {
    problems.push(`CHATPROBE_SIM_HOST must be a host name or an IP address, not ${JSON.stringify(host)}`);
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > MAX_PORT) {
    problems.push(`CHATPROBE_SIM_PORT must be a whole number from 0 to ${MAX_PORT}, not ${JSON.stringify(port)}`);
  }
  return problems.length === 0 ? { ok: true, options: { host, port: Number(port) }, ignored } : { ok: false, problems };
}

/** One line that says why listening failed. */
export function listenFault(fault: unknown, { host, port }: ListenOptions): string {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';
  return `cannot listen on ${host} port ${port}: ${code === 'EADDRINUSE' ? 'the port is taken' : code}`;
}
