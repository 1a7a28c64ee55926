const MARKUP = /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
const LOOSE = /[<>]|&(?!(?:amp|lt|gt|quot|apos);)/;
/** What would fetch or run something, or come from elsewhere. */
const FROM_OUTSIDE = /<script|<image|<use|<foreignObject|@import|@font-face|url\(|href|\son\w+=|data:/i;

/** All that keeps this text from being a self-contained SVG file; none where it is one. */
export function problemsOfSvg(svg: string): readonly string[] {
  const problems: string[] = [];
  const open: string[] = [];
  let elements = 0;
  let read = 0;
  for (const tag of svg.matchAll(MARKUP)) {
    const [whole, end, name = '', attributes = '', alone] = tag;
    if (LOOSE.test(svg.slice(read, tag.index))) problems.push(`loose markup before ${whole}`);
    if (open.length === 0 && elements > 0) problems.push(`${whole} after the end`);
    read = tag.index + whole.length;
    elements += 1;
    const names = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
    if (new Set(names.map(([, key]) => key)).size < names.length) problems.push(`an attribute twice: ${whole}`);
    if (names.some(([, , value = '']) => LOOSE.test(value) || /NaN|undefined|Infinity/.test(value))) problems.push(`a bad value: ${whole}`);
    if (end === '/' && open.pop() !== name) problems.push(`${whole} ends nothing`);
    if (end === '' && alone === '') open.push(name);
  }
  if (open.length > 0 || elements === 0) problems.push(`not ended: ${open.join()}`);
  if (LOOSE.test(svg.slice(read))) problems.push('loose markup at the end');
  if (FROM_OUTSIDE.test(svg)) problems.push('it takes something from outside');
  for (const [what, is] of Object.entries(NEEDED)) if (!is.test(svg)) problems.push(`no ${what}`);
  return problems;
}

const NEEDED = {
  'name space':
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="800" height="\d+" viewBox="0 0 800 \d+" role="img" aria-labelledby="title desc">/,
  title: /<title id="title">[^<]+<\/title>/,
  description: /<desc id="desc">[^<]+<\/desc>/,
  'dark colours': /@media\(prefers-color-scheme:dark\)/,
};
