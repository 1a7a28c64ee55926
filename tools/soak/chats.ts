import { GATEWAY_FAULTS, type GatewayFault } from '../../test/faults/gateway-faults.ts';

/** Three of ten chats are asked about through a fault. */
const FAULTY = 0.3;
/** How often each chat is asked about: the service remembers chats, so that a crowd of ever new ones would be a growing memory, not a leak. */
export const ASKED_EVERY_S = 20;

export const KINDS = GATEWAY_FAULTS.length;

/** Uniform in [0, 1), the same again for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The ids of so many chats. Each tells through which fault it is reached; every fault has its turn. */
export function soakChats(count: number, random: () => number): readonly string[] {
  let faults = 0;
  return Array.from({ length: count }, (_, n) => {
    if (random() >= FAULTY) return `alive-${n}`;
    faults += 1;
    return `fault${faults % KINDS}-${n}`;
  });
}

/** Through which fault a chat is reached; null where nothing is wrong. */
export function faultOf(id: string): GatewayFault | null {
  const [, kind] = /^fault(\d+)-/.exec(id) ?? [];
  return kind === undefined ? null : (GATEWAY_FAULTS[Number(kind)] ?? null);
}

/** Whether an answer about this chat may be given, whatever else is going on. */
export function isPossible(id: string, verdict: unknown, evidence: unknown): boolean {
  const fault = faultOf(id);
  if (evidence === 'alive') return verdict === 'route' && (fault === null || fault.evidence === 'alive');
  return verdict === 'route' || (verdict === 'stop' && fault?.verdict === 'stop');
}
