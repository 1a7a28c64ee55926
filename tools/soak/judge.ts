/** What was counted up to a moment at which nobody waited for an answer. */
export interface Measured {
  /** Of the service, after a collection. */
  readonly heapMb: number;
  /** That the service has open. */
  readonly descriptors: number;
  /** By the callers: requests, and what became of each. */
  readonly asked: number;
  readonly answered: number;
  readonly hungUp: number;
  /** Neither answered with a 200 nor given up by the caller himself; the first of them in words. */
  readonly failed: number;
  readonly firstFailure: string | null;
  /** Stops of chats that are not known to be dead, and life found where no message was delivered; the first of them in words. */
  readonly wrongVerdicts: number;
  readonly firstWrong: string | null;
  /** Longest that an answer took. Told, not judged: how busy the machine is must not decide. Who never gets one is neither answered nor failed. */
  readonly latestMs: number;
  /** By the service's own counters. */
  readonly answers: number;
  readonly cancelled: number;
  readonly inFlight: number;
  /** By the far end: messages, and those that came a second time. */
  readonly messages: number;
  readonly repeated: number;
}

/** Most that the heap may grow between the end of the warm-up and the end. */
export const MOST_GROWTH_MB = 5;
/** Descriptors that come and go at rest: a connection that is just being closed. */
const SPARE_DESCRIPTORS = 3;

/** What broke between the end of the warm-up and the end, in words; nothing if all promises were kept. */
export function judgeSoak(warm: Measured, end: Measured): readonly string[] {
  const grownMb = end.heapMb - warm.heapMb;
  const counted = end.answers + end.cancelled;
  const complaints: readonly (readonly [boolean, string])[] = [
    [end.asked > warm.asked, 'nothing was asked after the warm-up'],
    [end.messages > warm.messages, 'no message came to the gateway after the warm-up'],
    [end.failed === 0, `${end.failed} requests failed, the first of them: ${end.firstFailure}`],
    [end.asked === end.answered + end.hungUp + end.failed, `${end.asked} asked, but ${end.answered} answered and ${end.hungUp} hung up`],
    [counted === end.asked, `${end.asked} asked, but the service counts ${end.answers} answers and ${end.cancelled} hang-ups`],
    [end.inFlight === 0, `${end.inFlight} probes are still under way`],
    [end.wrongVerdicts === 0, `${end.wrongVerdicts} verdicts are wrong, the first of them: ${end.firstWrong}`],
    [end.repeated === 0, `${end.repeated} messages were sent again`],
    [grownMb <= MOST_GROWTH_MB, `the heap grew by ${grownMb.toFixed(1)} MB, from ${warm.heapMb.toFixed(1)} MB`],
    [
      end.descriptors <= warm.descriptors + SPARE_DESCRIPTORS,
      `descriptors went from ${warm.descriptors} to ${end.descriptors} with nobody waiting`,
    ],
  ];
  return complaints.filter(([isKept]) => !isKept).map(([, complaint]) => complaint);
}
