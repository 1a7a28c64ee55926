import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestJson } from '../../src/gateway/psdk-json.ts';
import replies from '../fixtures/esp-replies.json' with { type: 'json' };
import { espRequest } from '../support/esp-request.ts';

describe('a request as PSDK JSON', () => {
  const parsed = (part: Parameters<typeof espRequest>[0] = {}) => JSON.parse(requestJson(espRequest(part)));

  it('equals the fixture', () => {
    expect(parsed()).toEqual(replies.request);
  });

  it('leaves out a Chat Server name that is not known', () => {
    expect(parsed({ appName: null }).request).not.toHaveProperty('AppName');
  });

  it('carries a message type where there is one', () => {
    expect(parsed({ messageType: 'text' }).request.Parameters).toEqual({ MessageText: '[probe]', Visibility: 'VIP', MessageType: 'text' });
  });

  it('is what JSON.stringify would make of it, whatever the texts in it are', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(text, text, fc.option(text), fc.dictionary(text, text), (AppName, MessageText, messageType, userData) => {
        const request = espRequest({ appName: AppName, messageText: MessageText, messageType, userData });
        const Parameters = { MessageText, Visibility: 'VIP', MessageType: messageType ?? undefined };
        const plain = { AppName, AppType: 'ChatServer', Service: 'Chat', Method: 'Message', Parameters };
        expect(requestJson(request)).toBe(JSON.stringify({ messageName: 'Request3rdServer', referenceId: 7, request: plain, userData }));
      }),
    );
  });
});
