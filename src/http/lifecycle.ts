/**
 * Where the process is in its life: `serving`; `leaving`, told to stop, so not ready, but still taking probes until
 * everybody who routes to us has noticed; `closing`, taking no more.
 */
export type Phase = 'serving' | 'leaving' | 'closing';

export interface Lifecycle {
  phase: Phase;
}
