import { DEMO_CHATS } from '../../lab/simulator/demo-world.ts';
import type { EspRequest } from '../../src/probe/esp.ts';

/** The request of the fixtures: a probe of the demo world's live chat, but for what a test wants otherwise. */
export function sampleRequest(overrides: Partial<EspRequest> = {}): EspRequest {
  const { id, chatServer } = DEMO_CHATS.live;
  return {
    referenceId: 7,
    appName: chatServer,
    messageText: '[probe]',
    messageType: null,
    visibility: 'VIP',
    userData: { InteractionId: id, Id: id },
    ...overrides,
  };
}

/** A probe of one chat, sent to one Chat Server or, with null, by type. */
export function requestFor(id: string, appName: string | null): EspRequest {
  return sampleRequest({ appName, userData: { InteractionId: id, Id: id } });
}
