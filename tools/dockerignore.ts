/**
 * Makes a predicate of a .dockerignore: true for paths, relative and with slashes, that the build does not get. As in
 * Docker, the last line that fits a path or one of its parents decides.
 */
export function parseDockerignore(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }));
  return (path) => rules.reduce((ignored, { keeps, pattern }) => (pattern.test(path) ? !keeps : ignored), false);
}

function patternOf(line: string): RegExp {
  const glob = line.replace(/^\/+|\/+$/g, '');
  const source = glob
    .replace(/[.+^$(){}|\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (star) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[star] ?? star);
  return new RegExp(`^${source}(?:/.*)?$`);
}
