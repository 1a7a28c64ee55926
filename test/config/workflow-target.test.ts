import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../src/config/summary.ts';
import { configFrom, problemsFrom } from './loading.ts';

const target = (settings: object = {}) => ({
  targets: { default: { adapter: 'workflow', ha: true, restoreWindowMs: 300_000, ...settings } },
});

describe('a target whose workflows send by themselves', () => {
  it('needs neither a gateway nor a word on answers that are not known, which always route', () => {
    const [config] = configFrom(target()).targets.values();
    expect(config).toMatchObject({
      adapter: { kind: 'workflow' },
      rules: {
        ha: true,
        onChatServerDown: 'auto',
        onUnrecognised: 'route',
        patterns: { sessionNotFound: [], chatServerNotFound: [], delivered: [] },
      },
      message: { idKeys: ['InteractionId', 'Id'] },
      safety: { guard: { requireDelivery: true } },
    });
  });

  it.each([
    ['ha', { ha: undefined }, 'targets.default.ha (CHATPROBE_HA)'],
    ['onUnrecognised', { onUnrecognised: 'stop' }, 'targets.default.onUnrecognised'],
    ['gateways', { gateways: ['http://gw'] }, 'targets.default.gateways'],
    ['controls, which it could not ask about', { controls: { intervalMs: 1_000 } }, 'targets.default.controls'],
    ['message.text', { message: { text: 'x' } }, 'targets.default.message.text'],
    ['a pattern that would fit every text', { patterns: { sessionNotFound: ['*'] } }, 'targets.default.patterns.sessionNotFound[0]'],
    ['a pattern of masks', { patterns: { chatServerNotFound: ['# * #'] } }, 'targets.default.patterns.chatServerNotFound[0]'],
    ['a pattern that says too little', { patterns: { delivered: ['ok'] } }, 'targets.default.patterns.delivered[0]'],
    [
      'a pattern of two meanings',
      { patterns: { sessionNotFound: ['Not  found'], chatServerNotFound: ['not found'] } },
      'targets.default.patterns.sessionNotFound[0]',
    ],
    ['an unknown meaning', { patterns: { gone: ['not found'] } }, 'targets.default.patterns.gone'],
  ])('refuses %s', (_name, settings, place) => {
    expect(problemsFrom(target(settings)).map((line) => line.split(':')[0])).toContain(place);
  });

  it('takes whatever was done for delivered, if it is told so', () => {
    expect(problemsFrom(target({ patterns: { delivered: ['*'] } }))).toEqual([]);
  });

  it('says what is not confirmed yet, and what is', () => {
    const lines = describeConfig(configFrom(target({ patterns: { delivered: ['*'] } })));
    expect(lines.filter((line) => line.includes('patterns'))).toEqual([
      expect.stringContaining('WARNING: TEXTS NOT CONFIRMED'),
      'target default: patterns.sessionNotFound NOT CONFIRMED YET: no chat is stopped because its session is gone',
      'target default: patterns.chatServerNotFound NOT CONFIRMED YET: no chat is stopped because its Chat Server is down',
      'target default: patterns.delivered "*"',
    ]);
    expect(lines).toContain('target default: workflows send by themselves, and tell what came of it');
  });
});
