import type { Reason } from '../probe/reasons.ts';
import { REASONS } from '../probe/reasons.ts';
import { HalfOpenTrial } from './half-open-trial.ts';
import type { OutageSettings } from './settings.ts';

/** `free`: the gateway answers as far as we know. `trial`: it did not of late, and this message finds out whether it does again. */
export type GatewayPermit = 'free' | 'trial';

/**
 * Leaves the gateway of one target alone while it keeps failing, but for one trial at a time. Nobody waits here: whoever gets
 * no permit is answered at once. Moments are on one monotonic clock, in ms.
 */
export interface GatewayBreaker {
  /** Whether `mayAsk` would give no permit now. */
  refuses(nowMs: number): boolean;
  /** A permit for one message, or null: it must not be sent. Each is handed back to `release` exactly once. */
  mayAsk(nowMs: number): GatewayPermit | null;
  /**
   * @param reason what the message came to; null if it was not sent after all, or cut short.
   * @param isLoneWitness whether it found nobody to take it, and its Chat Server is down, so that few messages are sent at all: four
   *   of those in a row are enough where `breakerFailures` is higher.
   */
  release(permit: GatewayPermit, reason: Reason | null, nowMs: number, isLoneWitness?: boolean): void;
  readonly isOpen: boolean;
  /** Its settings have changed: goes by them from now on, with the failures that it knows of. */
  reconfigured(nowMs: number): void;
}

export type BreakerSettings = Pick<OutageSettings, 'breaker' | 'breakerFailures'>;

/** A gateway that has been gone for long is not asked more often than that. */
const MAX_TRIAL_GAP_MS = 500;
/**
 * Until then the least time between two trials is the time since the gateway was given up, divided by this: soon after it a
 * trial passes nearly at once, so that callers who ask one after another still learn the true reason. Only a crowd is turned
 * away.
 */
const TRIAL_GAP_DIVISOR = 10;
const ENOUGH_LONE_WITNESSES = 4;

/** @param onChange told each time the gateway is given up (true) or found to answer again (false). */
export function createGatewayBreaker(settings: BreakerSettings, onChange: (open: boolean) => void): GatewayBreaker {
  let failuresInARow = 0;
  let isOpen = false;
  let openedAtMs = 0;
  const trial = new HalfOpenTrial();

  const open = (nowMs: number): void => {
    isOpen = true;
    openedAtMs = nowMs;
    onChange(true);
  };
  const close = (): void => {
    isOpen = false;
    onChange(false);
  };

  const openIfDue = (nowMs: number): void => {
    if (settings.breaker && !isOpen && failuresInARow >= settings.breakerFailures) open(nowMs);
  };

  const gapMs = (nowMs: number): number => Math.min(MAX_TRIAL_GAP_MS, (nowMs - openedAtMs) / TRIAL_GAP_DIVISOR);

  return {
    refuses: (nowMs) => isOpen && nowMs < trial.nextAtMs(gapMs(nowMs)),
    mayAsk(nowMs) {
      if (!isOpen) return 'free';
      return trial.take(nowMs, gapMs(nowMs)) ? 'trial' : null;
    },
    release(permit, reason, nowMs, isLoneWitness = false) {
      if (permit === 'trial') trial.release();
      if (reason === null) return;
      if (REASONS[reason].origin === 'reply') {
        // Whichever message it was: an answer is an answer, that to an older one too.
        failuresInARow = 0;
        if (isOpen) close();
      } else if (isFailure(reason)) {
        failuresInARow += isLoneWitness ? Math.max(1, settings.breakerFailures / ENOUGH_LONE_WITNESSES) : 1;
        openIfDue(nowMs);
      }
    },
    get isOpen() {
      return isOpen;
    },
    reconfigured(nowMs) {
      if (!settings.breaker && isOpen) close();
      openIfDue(nowMs);
    },
  };
}

/** A 4xx refuses one request, not all: callers choose the names in it. It says nothing either way. */
function isFailure(reason: Reason): boolean {
  return REASONS[reason].origin === 'transport' && reason !== 'gateway_misrouted';
}
