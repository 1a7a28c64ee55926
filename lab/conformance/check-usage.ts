import { MOST_REQUESTS } from './gateway-client.ts';

/** Options with a number of milliseconds. */
export const DURATIONS = {
  '--max-reply-ms': { preset: 2_000, least: 10, most: 60_000 },
  '--timeout-ms': { preset: 5_000, least: 1_000, most: 60_000 },
  '--run-timeout-ms': { preset: 120_000, least: 1_000, most: 3_600_000 },
} as const;

const RANGES = Object.fromEntries(
  Object.entries(DURATIONS).map(([name, { preset, least, most }]) => [name, `${least} to ${most}; ${preset} unless given`]),
);

export const CHECK_GATEWAY_USAGE = `Usage: chat-probe check-gateway URL --live ID --dead ID [--server NAME] [--down-server NAME]
                                [--token-file FILE] [--ca-file FILE] [--text TEXT] [--id-keys KEY,...]
                                [--max-reply-ms N] [--timeout-ms N] [--run-timeout-ms N] [--allow-skips] [--json]

Tests whether the gateway at URL keeps the gateway contract, and says which promise it breaks, with the bytes sent and
received. A check whose option is not given is skipped, which is no pass.

  --live ID           interaction of a chat under way; it gets two messages, for supervisors only, that stay in its transcript
  --dead ID           interaction whose session is gone while its Chat Server runs; most checks need it
  --server NAME       Chat Server that hosts the live chat, sent as AppName; without it messages go by type
  --down-server NAME  Chat Server that the gateway knows and that is not running
  --token-file FILE   bearer token for the gateway; with it, being shut out is tested too
  --ca-file FILE      PEM of the certificate authority to trust instead of the system's
  --text TEXT         text of the messages; [probe] unless given
  --id-keys KEY,...   user-data keys that carry the id; InteractionId,Id unless given
  --max-reply-ms N    longest that a lone reply may take, ${RANGES['--max-reply-ms']}
  --timeout-ms N      longest that one exchange may take, ${RANGES['--timeout-ms']}
  --run-timeout-ms N  longest that the whole run may take, ${RANGES['--run-timeout-ms']}
  --allow-skips       run without --live or --dead, and leave out what needs them
  --json              print the report as JSON
  --help              print this

It is meant for a gateway on loopback or in a private network, and a Genesys for tests: it sends broken and oversized
messages on purpose. It asks no host but that of URL, follows no redirect, and makes at most ${MOST_REQUESTS} requests.

Exit codes: 0 every promise that was tested is kept (skipped ones were not tested), 1 one is broken or time ran out, 64 bad usage.
`;
