import Type from 'typebox';
import { flag, STRICT, text } from '../schema-tree/schema-kinds.ts';

/* The settings of who may ask, and over what; the server's others, and how all are told, stand in `schema.ts`. */

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

export const STATUS_PAGE = Type.Optional(
  Type.Boolean({
    description: 'Serves the page [`/status`](status-page.md). Unless set: only in the demo, where no adapter is named.',
  }),
);
