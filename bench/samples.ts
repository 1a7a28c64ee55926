/** What travels in the benchmark. */
export const INTERACTION_ID = '0006Ka9HFHRR0T2B';

/** What the caller shows to the service. The floor does not look at it. */
export const SAMPLE_TOKEN = 'a-token-of-the-bench-0123456789';

/** What the caller sends, to the service and to the floor. */
export const SAMPLE_REQUEST = JSON.stringify({ chatServerAppName: 'ChatServer_1', isOnline: '1' });

export const PROBE_HEADERS = { authorization: `Bearer ${SAMPLE_TOKEN}`, 'content-type': 'application/json' };

export const probePath = (interactionId: string): string => `/interactions/${interactionId}/probe`;

/** What the service sends to the gateway for it. */
export const SAMPLE_MESSAGE = JSON.stringify({
  messageName: 'Request3rdServer',
  referenceId: 1_234_567_890,
  request: {
    AppName: 'ChatServer_1',
    AppType: 'ChatServer',
    Service: 'Chat',
    Method: 'Message',
    Parameters: { MessageText: '[probe]', Visibility: 'VIP' },
  },
  userData: { InteractionId: INTERACTION_ID, Id: INTERACTION_ID },
});

/** What the service answers then. */
export const SAMPLE_ANSWER = JSON.stringify({
  interactionId: INTERACTION_ID,
  verdict: 'route',
  evidence: 'alive',
  reason: 'delivered',
  degraded: false,
  attempts: 1,
  faultCode: null,
  faultString: null,
  chatServer: 'ChatServer_1',
  target: 'default',
  policy: 'inline',
  servedBy: 'probe',
  recheckAfterMs: null,
  elapsedMs: 1,
  probeId: '6a1cbb4f-5d1c-4f0e-9a6a-0d4b4a6f0a11',
});
