/** The gateway of the soak: does with each message what the id of its chat says. Tells its parent its URL, and when asked what it has seen. */
import { messageIn } from '../../test/support/chat-gateway.ts';
import { deliver, startScriptedGateway } from '../../test/support/scripted-gateway.ts';
import { faultOf } from './chats.ts';

/** What the far end tells. */
export interface FarEndCounts {
  readonly messages: number;
  readonly repeated: number;
}

/** So many reference ids are remembered: a message that comes again comes soon. */
const REMEMBERED = 50_000;

const seen = new Set<number>();
let messages = 0;
let repeated = 0;

const gateway = await startScriptedGateway(
  (socket, request) => {
    if (request.method === 'POST') {
      messages += 1;
      const { referenceId } = JSON.parse(request.body) as { referenceId: number };
      if (seen.has(referenceId)) repeated += 1;
      seen.add(referenceId);
      if (seen.size > REMEMBERED) for (const oldest of seen) if (seen.delete(oldest)) break;
      (faultOf(messageIn(request).interactionId)?.does ?? deliver)(socket, request);
    } else socket.end('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n');
  },
  { forgetful: true },
);
process.on('message', () => process.send?.({ messages, repeated } satisfies FarEndCounts));
process.on('disconnect', () => process.exit());
process.send?.(gateway.url);
