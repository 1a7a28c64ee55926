import Type, { type Static } from 'typebox';
import { flag, integer, number, STRICT, text } from '../schema-tree/schema-kinds.ts';
import { PATH } from './access-schema.ts';

/* The settings of traces, each with a variable of OpenTelemetry's own name; nothing is traced without an endpoint. */

const URL_TEXT = { minLength: 1, maxLength: 2_048 } as const;
const LIST_TEXT = { minLength: 1, maxLength: 16_384 } as const;

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export const TRACING = Type.Object(
  {
    endpoint: Type.Optional(text('Base URL of the OTLP collector; spans go to `/v1/traces` below it. Unset: no spans.', URL_TEXT)),
    tracesEndpoint: Type.Optional(text('The URL that spans go to, whole; it wins over `endpoint`.', URL_TEXT)),
    exporter: Type.Enum(['otlp', 'none'], { default: 'otlp', description: '`none` makes no spans, whatever the endpoint.' }),
    disabled: flag('`true` makes no spans, whatever the endpoint.', false),
    protocol: Type.Enum(['http/json'], {
      default: 'http/json',
      description: 'Only `http/json`: what a collector takes on its HTTP port (4318).',
    }),
    headers: Type.Optional(text('Headers for the collector, as name=value,name=value.', { ...LIST_TEXT, envOnly: true })),
    headersFile: Type.Optional(
      text('File with headers for the collector, as `name=value,name=value`, such as a token. Or `OTEL_EXPORTER_OTLP_HEADERS`.', PATH),
    ),
    timeoutMs: integer('Longest that the collector may take for a batch.', 1, 60_000, 10_000),
    serviceName: Type.Optional(
      text('`service.name` of the spans. Unless set: that of `resourceAttributes`, else `chat-probe`.', {
        minLength: 1,
        maxLength: 256,
      }),
    ),
    resourceAttributes: Type.Optional(text('More about this instance, as `name=value,name=value`, percent-encoded.', LIST_TEXT)),
    sampler: Type.Enum(SAMPLERS, {
      default: 'parentbased_always_on',
      description:
        'Which probes are traced: `always_on`, `always_off`, `traceidratio`, or one of them after `parentbased_`, which does as the caller does where it says so.',
    }),
    samplerArg: number('With `traceidratio`: the share that is traced.', 0, 1, 1),
  },
  STRICT,
);

export type TracingSettings = Static<typeof TRACING>;
