/** What the process was asked to do. */
export type Command =
  | { readonly run: 'serve' | 'check-config' | 'check-health' | 'hash-secret' | 'version' | 'help' }
  | { readonly run: 'check-gateway'; readonly args: readonly string[] }
  | { readonly run: 'refuse'; readonly problem: string };

export const USAGE = `Usage: chat-probe [--check-config | --check-health | --version | --help]
       chat-probe hash-secret
       chat-probe check-gateway URL [options]

Without an option the service starts. It is configured by CHATPROBE_* environment variables and a YAML file that
CHATPROBE_CONFIG names; see README.md.

  --check-config   validate the configuration, print it without secrets, and exit (0 valid, 78 not)
  --check-health   ask the service of this configuration on this machine whether it answers (0 it does, 1 not)
  --version        print the version
  --help           print this

hash-secret reads a secret from the standard input and prints what to keep of it, for server.callers.
check-gateway tests whether a gateway keeps the gateway contract; chat-probe check-gateway --help tells more.
`;

const COMMANDS = {
  '--check-config': 'check-config',
  '--check-health': 'check-health',
  'hash-secret': 'hash-secret',
  '--version': 'version',
  '--help': 'help',
} as const;

/** Reads the arguments after the program's name. An option that is not known is refused: it is a typo. */
export function readCommand(args: readonly string[]): Command {
  if (args.length === 0) return { run: 'serve' };
  const [option, ...rest] = args;
  if (option === 'check-gateway') return { run: 'check-gateway', args: rest };
  for (const [name, run] of Object.entries(COMMANDS)) if (name === option && rest.length === 0) return { run };
  return { run: 'refuse', problem: `unknown arguments: ${args.map(shownArgument).join(' ')}` };
}

/** Options by their names alone: what stands beside one may be a secret, and what is written here ends in the log of a supervisor. */
function shownArgument(arg: string): string {
  if (Object.hasOwn(COMMANDS, arg)) return arg;
  const name = /^-[a-z-]{1,32}(?=$|=)/i.exec(arg)?.[0];
  return name === undefined ? '(a word that is not shown, since it may be a secret)' : name;
}
