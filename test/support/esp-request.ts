import type { EspRequest } from '../../src/probe/esp.ts';

/** The request of `esp-replies.json`, changed where a test says so. */
export function espRequest(changes: Partial<EspRequest> = {}): EspRequest {
  return {
    referenceId: 7,
    appName: 'ChatServer_1',
    messageText: '[probe]',
    messageType: null,
    visibility: 'VIP',
    userData: { InteractionId: '0006Ka9HFHRR0T2B', Id: '0006Ka9HFHRR0T2B' },
    ...changes,
  };
}
