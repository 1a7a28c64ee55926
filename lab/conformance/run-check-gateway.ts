import { certificateProblem, isToken } from '../../src/config/credentials.ts';
import type { ReadTextFile } from '../../src/config/secret-files.ts';
import type { Clock } from '../../src/probe/clock.ts';
import { type CheckSettings, readCheckOptions } from './check-options.ts';
import { CHECK_GATEWAY_USAGE } from './check-usage.ts';
import { checks } from './checks.ts';
import { createGatewayClient } from './gateway-client.ts';
import { isConformant } from './report.ts';
import { reportText } from './report-text.ts';
import { runChecks } from './run-checks.ts';
import { createTestSubject } from './test-subject.ts';

/** What the command needs of the process that it runs in. */
export interface CheckGatewayHost {
  /** After `check-gateway`. */
  readonly args: readonly string[];
  readonly clock: Clock;
  readonly readTextFile: ReadTextFile;
  /** Writes a text as it is to the standard output. */
  print(text: string): void;
  /** Writes a text as it is to the standard error. */
  complain(text: string): void;
}

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;
const EXIT_BROKEN = 1;

/** What the files hold that the options name; null where none is named. */
interface Secrets {
  readonly token: string | null;
  readonly ca: string | null;
}

/** Tests a gateway as the arguments say. Resolves with the exit code; never rejects. */
export async function runCheckGateway(host: CheckGatewayHost): Promise<number> {
  const command = readCheckOptions(host.args);
  if (command.run === 'help') {
    host.print(CHECK_GATEWAY_USAGE);
    return 0;
  }
  if (command.run === 'refuse') return refuse(host, command.problems);
  const { url, options } = command;
  const problems: string[] = [];
  const token = fileText('--token-file', options.tokenFile, host.readTextFile, problems);
  const ca = fileText('--ca-file', options.caFile, host.readTextFile, problems);
  if (token !== null && !isToken(token)) problems.push('--token-file must name a file with one token: visible ASCII without blanks');
  if (ca !== null && certificateProblem(ca) !== null) problems.push('--ca-file must name a file with a certificate in PEM');
  return problems.length > 0 ? refuse(host, problems) : check(host, url, options, { token, ca });
}

async function check(host: CheckGatewayHost, url: string, options: CheckSettings, { token, ca }: Secrets): Promise<number> {
  const { clock } = host;
  const { timeoutMs, runTimeoutMs } = options;
  const secrets = token === null ? [] : [token];
  const client = createGatewayClient({ url, ca, timeoutMs, runTimeoutMs, secrets }, clock);
  const site = createTestSubject({ ...options, token }, client);
  const report = await runChecks(checks(clock), { site, client, clock, url, secrets });
  host.print(options.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  return isConformant(report) ? 0 : EXIT_BROKEN;
}

/** The file's text but for white space around it; null where no file is named, or it cannot be read. */
function fileText(option: string, path: string | null, readTextFile: ReadTextFile, problems: string[]): string | null {
  if (path === null) return null;
  const read = readTextFile(path);
  if (read.ok) return read.text.trim();
  problems.push(`${option} names a file that cannot be read (${read.detail})`);
  return null;
}

function refuse(host: CheckGatewayHost, problems: readonly string[]): number {
  for (const problem of problems) host.complain(`chat-probe check-gateway: ${problem}\n`);
  host.complain('\nchat-probe check-gateway --help tells more.\n');
  return EXIT_USAGE;
}
