import type { FastifyReply } from 'fastify';
import Type from 'typebox';

/** One thing that is wrong with a command. */
export interface Flaw {
  /** Field or path parameter at fault, null where it is none of them. */
  readonly field: string | null;
  readonly error: string;
}

/** Enough to repair a command by; a body of rubbish must not come back many times its size. */
const MAX_CHARACTERS = 2_000;
const MAX_FLAWS = 100;

const Field = Type.Union([Type.String(), Type.Null()], { description: 'Field or path parameter at fault; null where it is none.' });

export const Refusal = Type.Object(
  {
    error: Type.String({ description: 'All problems in one line.', examples: ['byMs must be integer'] }),
    field: Field,
    problems: Type.Array(Type.Object({ field: Field, error: Type.String({ description: 'What is wrong with it.' }) }), {
      description: 'Every problem.',
    }),
  },
  { $id: 'Refusal', description: 'Why a command was not carried out. Nothing has changed.' },
);

/** Answers that the command was not carried out. */
export function refuse(reply: FastifyReply, status: number, flaws: readonly Flaw[]): FastifyReply {
  const error = flaws.map((flaw) => (flaw.field === null ? flaw.error : `${flaw.field} ${flaw.error}`)).join('; ');
  return reply
    .code(status)
    .send({ error: error.slice(0, MAX_CHARACTERS), field: flaws[0]?.field ?? null, problems: flaws.slice(0, MAX_FLAWS) });
}
