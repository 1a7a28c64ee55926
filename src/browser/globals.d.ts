import type Chart from 'uplot';

declare global {
  /** As `uPlot.iife.min.js` leaves it behind. */
  const uPlot: typeof Chart;
}
