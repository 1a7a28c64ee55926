/** One step of a stage, with variables filled in. */
export type Step =
  | { readonly step: 'workdir'; readonly path: string }
  | {
      readonly step: 'copy';
      readonly from: string | null;
      readonly owner: string | null;
      readonly paths: readonly string[];
      readonly to: string;
    }
  | { readonly step: 'run'; readonly command: string };

/** One stage: the tree that its steps make, and what it says of how to run it. */
export interface Stage {
  /** As `COPY --from` names it: the name after AS, else the stage's number. */
  readonly name: string;
  readonly base: string;
  readonly steps: readonly Step[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | null;
  readonly ports: readonly string[];
  readonly stopSignal: string | null;
  readonly healthCheck: readonly string[] | null;
  readonly command: readonly string[] | null;
}

type Draft = { -readonly [K in keyof Stage]: Stage[K] };

/**
 * Reads the part of the Dockerfile language that the rehearsal can carry out. Throws for anything else: a step that
 * was skipped would prove nothing.
 */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: Stage[] = [];
  let draft: Draft | null = null;
  let globalArgs: Readonly<Record<string, string>> = {};
  let args: Readonly<Record<string, string>> = {};
  for (const { keyword, rest } of instructions(text)) {
    const known: Readonly<Record<string, string>> = draft === null ? globalArgs : { ...args, ...draft.env };
    if (keyword === 'ARG' && draft === null) globalArgs = { ...globalArgs, ...argument(rest, {}) };
    else if (keyword === 'ARG') args = { ...args, ...argument(rest, globalArgs) };
    else if (keyword === 'FROM') {
      if (draft !== null) stages.push(draft);
      draft = newStage(expand(rest, globalArgs), stages.length);
      args = {};
    } else if (draft === null) throw new Error(`${keyword} stands before the first FROM`);
    else apply(draft, keyword, rest, known);
  }
  if (draft === null) throw new Error('there is no FROM');
  return [...stages, draft];
}

function apply(stage: Draft, keyword: string, rest: string, known: Readonly<Record<string, string>>): void {
  switch (keyword) {
    case 'WORKDIR':
      stage.steps = [...stage.steps, { step: 'workdir', path: expand(rest, known) }];
      return;
    case 'COPY':
      stage.steps = [...stage.steps, copyStep(expand(rest, known))];
      return;
    case 'RUN':
      if (stage.user !== null) throw new Error('RUN after USER cannot be rehearsed: move it up');
      if (rest.startsWith('[') || rest.startsWith('--')) throw new Error('RUN is known in its shell form, without options');
      stage.steps = [...stage.steps, { step: 'run', command: rest }];
      return;
    case 'ENV':
      stage.env = { ...stage.env, ...assignments(expand(rest, known)) };
      return;
    case 'USER':
      stage.user = expand(rest, known);
      return;
    case 'EXPOSE':
      stage.ports = [...stage.ports, ...expand(rest, known).split(/\s+/)];
      return;
    case 'STOPSIGNAL':
      stage.stopSignal = rest;
      return;
    case 'CMD':
      stage.command = execForm(keyword, rest);
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = healthCheck(rest);
      return;
    default:
      throw new Error(`${keyword} is not an instruction that the rehearsal knows`);
  }
}

function instructions(text: string): readonly { readonly keyword: string; readonly rest: string }[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\\s*\n\s*/g, ' ')
    .split('\n')
    .map((line) => /^\s*([A-Za-z]+)\s+(.*\S)\s*$/.exec(line))
    .flatMap((match) => (match === null ? [] : [{ keyword: (match[1] ?? '').toUpperCase(), rest: match[2] ?? '' }]));
}

function newStage(rest: string, index: number): Draft {
  const match = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest);
  if (match === null) throw new Error(`FROM ${rest} is not known`);
  const name = match[2] ?? String(index);
  return { name, base: match[1] ?? '', steps: [], env: {}, user: null, ports: [], stopSignal: null, healthCheck: null, command: null };
}

function copyStep(rest: string): Step {
  const words = rest.split(/\s+/);
  const options = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const to = paths.pop();
  const strange = options.find((option) => !/^--(from|chown)=/.test(option));
  if (strange !== undefined) throw new Error(`COPY ${strange} is not known`);
  if (to === undefined || paths.length === 0) throw new Error('COPY needs a source and a destination');
  return { step: 'copy', from: optionOf(options, 'from'), owner: optionOf(options, 'chown'), paths, to };
}

function optionOf(options: readonly string[], name: string): string | null {
  return options.find((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
}

function healthCheck(rest: string): readonly string[] | null {
  const match = /^(?:--\S+\s+)*(?:NONE|CMD\s+(.*))$/.exec(rest);
  if (match === null) throw new Error(`HEALTHCHECK ${rest} is not known`);
  return match[1] === undefined ? null : execForm('HEALTHCHECK CMD', match[1]);
}

/** A shell between the engine and the process would swallow the signals, so only `["program", "argument"]` will do. */
function execForm(keyword: string, rest: string): readonly string[] {
  const words: unknown = rest.startsWith('[') ? JSON.parse(rest) : null;
  if (!Array.isArray(words) || words.length === 0) throw new Error(`${keyword} must be in its exec form, ["program", "argument"]`);
  return words.map(String);
}

function argument(rest: string, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [name = '', value = given[rest] ?? ''] = rest.split(/=(.*)/s);
  return { [name]: unquote(value) };
}

function assignments(rest: string): Readonly<Record<string, string>> {
  const pairs = rest.match(/[A-Za-z_]\w*=(?:"[^"]*"|\S*)/g) ?? [];
  if (pairs.join(' ') !== rest.replace(/\s+/g, ' ')) throw new Error('ENV is known as NAME=value pairs');
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), unquote(pair.slice(pair.indexOf('=') + 1))]));
}

function unquote(text: string): string {
  return text.replace(/^"(.*)"$/s, '$1');
}

function expand(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const value = known[braced ?? bare ?? ''];
    if (value === undefined) throw new Error(`${whole} is not set`);
    return value;
  });
}
