import type { SeenRequest } from './scripted-gateway.ts';
import { answerJson, type Script } from './scripted-gateway.ts';

/** What a message to a chat comes to. */
export type ChatAnswer = 'delivered' | 'lost' | 'down';

/** A message, as far as a script looks at it. */
export interface SeenMessage {
  readonly interactionId: string;
  /** Null if it goes by type. */
  readonly chatServer: string | null;
}

const REPLIES = {
  delivered: { messageName: 'Event3rdServerResponse', request: { Service: 'Chat', Method: 'Message' } },
  lost: {
    messageName: 'Event3rdServerFault',
    request: {
      Service: 'Chat',
      Method: 'Message',
      Parameters: { FaultCode: '100', FaultString: 'interaction with specified id was not found' },
    },
  },
  down: { messageName: 'EventError', errorCode: 1, errorMessage: 'Not found by name' },
} as const satisfies Record<ChatAnswer, object>;

/** Answers each message by what this says of it, in the name of its own reference id. */
export function answeringChats(answerTo: (message: SeenMessage) => ChatAnswer, afterMs = 0): Script {
  return (socket, request) => {
    const { referenceId } = JSON.parse(request.body) as { referenceId: number };
    const reply = answerJson({ ...REPLIES[answerTo(messageIn(request))], referenceId });
    if (afterMs === 0) reply(socket, request);
    else setTimeout(() => reply(socket, request), afterMs);
  };
}

export function messageIn({ body }: SeenRequest): SeenMessage {
  const message = JSON.parse(body) as { request: { AppName?: string }; userData: { InteractionId: string } };
  return { interactionId: message.userData.InteractionId, chatServer: message.request.AppName ?? null };
}
