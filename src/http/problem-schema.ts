import { Type } from 'typebox';

export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: '`urn:chat-probe:problem:` and a code.', examples: ['urn:chat-probe:problem:out_of_bounds'] }),
    title: Type.String({ examples: ['A value lies outside the configured bounds'] }),
    status: Type.Integer({ examples: [422] }),
    detail: Type.String({ description: 'For people; may change.', examples: ['must be a whole number from 1 to 10'] }),
    field: Type.Union([Type.String(), Type.Null()], { description: 'What of the request is at fault.', examples: ['attempts'] }),
  },
  {
    $id: 'Problem',
    title: 'Problem',
    description: "RFC 9457 problem document: a mistake of the caller's. Nothing was sent. Route the interaction.",
  },
);

/** A refusal, as a route documents it. @param description the codes that it can have there. */
export function problemResponse(description: string) {
  return { description, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } };
}
