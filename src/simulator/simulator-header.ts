/**
 * Stands in every answer of the simulator's network face, so that the service knows its verdicts for made up. In lower case, as headers
 * are looked up. A real gateway must never send it.
 */
export const SIMULATOR_HEADER = 'x-chat-probe-simulator';
