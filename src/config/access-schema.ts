import Type from 'typebox';
import { flag, NAME, STRICT, text } from '../schema-tree/schema-kinds.ts';
import { TOKEN } from './credentials.ts';

/* The settings of who may ask, and over what, and of the store that replicas share; the server's others, and how all are told, stand in `schema.ts`. */

/** Of a file. */
export const PATH = { minLength: 1, maxLength: 4_096 } as const;

/** What a caller may be allowed to do: ask for verdicts, release the guard, read `/metrics`. */
export const SCOPES = ['probe', 'ops', 'metrics'] as const;

export const CALLER = Type.Object(
  {
    scopes: Type.Array(Type.Enum(SCOPES, { description: 'One scope.' }), {
      minItems: 1,
      uniqueItems: true,
      description:
        'What it may do: `probe` (ask for verdicts), `ops` (release the guard, read evidence, the page `/status`), `metrics` (read `/metrics`).',
    }),
    secretFiles: Type.Array(Type.String({ ...PATH, description: 'One file.' }), {
      default: [],
      maxItems: 16,
      description: 'Files with its secrets, one a line; each is valid. A line may be a hash.',
    }),
    secretHashes: Type.Array(Type.String({ description: 'One hash.' }), {
      default: [],
      maxItems: 8,
      description: 'Hashes of its secrets, as `chat-probe hash-secret` prints them.',
    }),
  },
  STRICT,
);

const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

export const TLS = Type.Object(
  {
    certFile: Type.Optional(text('PEM file of the certificate, those of its authorities after it. Callers then speak https.', PATH)),
    keyFile: Type.Optional(text('PEM file of its private key, without a passphrase.', PATH)),
    clientCaFile: Type.Optional(text('PEM file of the authorities that sign the certificates of callers, for mutual TLS.', PATH)),
    requireClientCert: flag(
      'With `clientCaFile`: whether no connection is taken without a certificate. `false` lets those without one reach `/livez`, `/readyz` and what else needs no scope.',
      true,
    ),
    minVersion: Type.Enum(TLS_VERSIONS, { default: 'TLSv1.2', description: 'Oldest version of TLS: `TLSv1.2` or `TLSv1.3`.' }),
  },
  STRICT,
);

/** What replicas share, and where. */
export const STORE = Type.Object(
  {
    url: Type.Optional(
      text(
        'Valkey or Redis, 7.0 or later, that all replicas share: `redis://user@host:6379/0`, `rediss://` for TLS. A password may stand in it only in `CHATPROBE_STORE_URL`. Without it each replica knows what it saw itself.',
        { minLength: 1, maxLength: 2_048 },
      ),
    ),
    password: Type.Optional(text('Password of that user.', { ...TOKEN, envOnly: true })),
    passwordFile: Type.Optional(
      text('File with the password. The password itself can come from `CHATPROBE_STORE_PASSWORD`, never from this file.', PATH),
    ),
    prefix: text('Begins all keys: services of the same prefix are replicas of one.', { ...NAME, default: 'chatprobe' }),
    caFile: Type.Optional(text('PEM file of the authorities to trust instead of those of the system; needs `rediss://`.', PATH)),
    certFile: Type.Optional(text('PEM file of the certificate to show the store, for mutual TLS.', PATH)),
    keyFile: Type.Optional(text('PEM file of its private key, without a passphrase.', PATH)),
  },
  STRICT,
);

export const STATUS_PAGE = Type.Optional(
  Type.Boolean({
    description: 'Serves the page [`/status`](status-page.md). Unless set: only in the demo, where no adapter is named.',
  }),
);
