/**
 * The same text in memory of its own, for what is kept longer than the request it came with. What a router or parser cuts
 * out of a URL is a view on it for V8: a kept id of 16 characters holds the whole URL, which may be 16 KiB.
 */
export function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text));
}
