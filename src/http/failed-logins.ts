import { isIPv4, isIPv6 } from 'node:net';

/** Failed log-ins one address may make in a minute before it is told to wait. A valid secret always passes. */
export const MAX_FAILED_LOGINS_PER_MINUTE = 20;
const WINDOW_MS = 60_000;
/** From an address that must wait, so often a secret never seen before is still compared with hashes: it may be somebody else's. */
export const SLOWED_TRIAL_MS = 1_000;
/** Beyond them the one that failed first is forgotten: whoever has more addresses is not stopped by counting them. */
export const MAX_ADDRESSES = 10_000;

interface Failures {
  count: number;
  readonly sinceMs: number;
  triedAtMs: number;
}

/** Counts failed log-ins by address. */
export interface FailedLogins {
  /** One more. */
  add(address: string): void;
  /** One that was counted before it was known turned out to be none. */
  takeBack(address: string): void;
  /** Milliseconds until it need not wait any more; 0 if it need not. */
  waitMs(address: string): number;
  /** Whether a secret that costs something to compare may be compared now. Counts as asked for. */
  mayTry(address: string): boolean;
}

export function createFailedLogins(nowMs: () => number): FailedLogins {
  const byAddress = new Map<string, Failures>();
  const recent = (address: string): Failures | undefined => {
    const failures = byAddress.get(address);
    return failures !== undefined && nowMs() - failures.sinceMs < WINDOW_MS ? failures : undefined;
  };
  const waitMs = (address: string): number => {
    const failures = recent(address);
    return failures === undefined || failures.count <= MAX_FAILED_LOGINS_PER_MINUTE ? 0 : failures.sinceMs + WINDOW_MS - nowMs();
  };
  return {
    add(address) {
      const failures = recent(address);
      if (failures !== undefined) {
        failures.count += 1;
        return;
      }
      byAddress.delete(address);
      const [oldest] = byAddress.keys();
      if (byAddress.size >= MAX_ADDRESSES && oldest !== undefined) byAddress.delete(oldest);
      byAddress.set(address, { count: 1, sinceMs: nowMs(), triedAtMs: Number.NEGATIVE_INFINITY });
    },
    takeBack(address) {
      const failures = recent(address);
      if (failures !== undefined) failures.count -= 1;
    },
    waitMs,
    mayTry(address) {
      const failures = recent(address);
      if (failures === undefined || waitMs(address) === 0) return true;
      if (nowMs() - failures.triedAtMs < SLOWED_TRIAL_MS) return false;
      failures.triedAtMs = nowMs();
      return true;
    },
  };
}

const MAPPED = /^(?:0*:){2,5}(?:ffff:)(\d+\.\d+\.\d+\.\d+)$/i;

/** What is counted as one address. Of IPv6 the first 64 bits: a single machine has all the addresses below them. */
export function addressKey(address: string): string {
  const ipv4 = MAPPED.exec(address)?.[1] ?? address;
  if (isIPv4(ipv4) || !isIPv6(address)) return ipv4;
  const [plain = ''] = address.toLowerCase().split('%');
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
