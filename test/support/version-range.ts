type Version = readonly [major: number, minor: number, patch: number];

/**
 * Tells whether a version lies in a range as `engines` writes them: `>=18`, `^20.9.0 || >=21.1`, `>=20.19 <21`, `10.x`, `*`.
 * Throws for what it does not know (hyphens, tildes, pre-releases): a range that was misread would prove nothing.
 */
export function isInRange(version: string, range: string): boolean {
  const [exact] = boundsOf(version);
  // Every one is read before any is believed, so that nothing unknown hides behind one that decides.
  const parts = range.split('||').map((part) => comparators(part).map((comparator) => fits(exact, comparator)));
  return parts.some((part) => part.every(Boolean));
}

function comparators(part: string): readonly string[] {
  return part
    .trim()
    .replace(/([<>=^]) +/g, '$1')
    .split(/ +/);
}

function fits(version: Version, comparator: string): boolean {
  const [, operator = '', rest = ''] = /^(>=|<=|>|<|=|\^)?(.*)$/.exec(comparator) ?? [];
  const [low, high] = boundsOf(rest);
  switch (operator) {
    case '>=':
      return compare(version, low) >= 0;
    case '<':
      return compare(version, low) < 0;
    case '>':
      return compare(version, high) >= 0;
    case '<=':
      return compare(version, high) < 0;
    case '^':
      return compare(version, low) >= 0 && compare(version, nextOfLeading(low)) < 0;
    default:
      return compare(version, low) >= 0 && compare(version, high) < 0;
  }
}

/** The first version that a text such as `20`, `20.x` or `20.1.2` stands for, and the first beyond it. */
function boundsOf(text: string): readonly [Version, Version] {
  if (!/^v?(\*|x|)$|^v?\d+(\.(\d+|x|\*)){0,2}$/.test(text)) throw new Error(`${text} is no version that is known here`);
  const numbers = text.replace(/^v/, '').split('.').map(Number).filter(Number.isInteger);
  const [major, minor, patch] = text === '' ? [] : numbers;
  if (major === undefined)
    return [
      [0, 0, 0],
      [Number.POSITIVE_INFINITY, 0, 0],
    ];
  if (minor === undefined)
    return [
      [major, 0, 0],
      [major + 1, 0, 0],
    ];
  if (patch === undefined)
    return [
      [major, minor, 0],
      [major, minor + 1, 0],
    ];
  return [
    [major, minor, patch],
    [major, minor, patch + 1],
  ];
}

/** Where `^` ends: at the next number in the first place that is not 0. */
function nextOfLeading([major, minor, patch]: Version): Version {
  if (major > 0) return [major + 1, 0, 0];
  return minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
