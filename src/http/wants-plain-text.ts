/** Media ranges that one of our two representations answers. */
const ANSWERED = new Set(['text/plain', 'application/json', 'application/*', '*/*']);

/**
 * True if the caller names `text/plain` before, or with a higher quality than, anything that JSON would answer.
 * Whatever else it accepts, it gets JSON: a 406 would leave a workflow without a verdict.
 */
export function wantsPlainText(accept: string | undefined): boolean {
  if (accept?.toLowerCase().includes('text/plain') !== true) return false;
  const ranges = accept.split(',').map(parseRange);
  const answered = ranges.filter(({ type, quality }) => ANSWERED.has(type) && quality > 0);
  const best = Math.max(...answered.map(({ quality }) => quality));
  return answered.find(({ quality }) => quality === best)?.type === 'text/plain';
}

/** Parameters but `q` are ignored: a character set makes no difference to one ASCII word. */
function parseRange(range: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) };
}
