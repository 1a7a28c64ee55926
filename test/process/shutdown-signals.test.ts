import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/probe/virtual-clock.ts';
import { createShutdownSignals, NPM_ECHO_MS } from '../../src/process/shutdown-signals.ts';

function requestWith(env: Readonly<Record<string, string>>) {
  const clock = createVirtualClock();
  const heard: string[] = [];
  const request = createShutdownSignals({ clock, env, stop: () => heard.push('stop'), exitAtOnce: () => heard.push('exit') });
  return { clock, heard, ...request };
}

describe('a signal', () => {
  it('stops in good order, and a second one ends it at once, however soon it comes', () => {
    const { heard, signalled } = requestWith({});
    signalled();
    expect(heard).toEqual(['stop']);
    signalled();
    expect(heard).toEqual(['stop', 'exit']);
  });

  it('that comes twice under npm is one wish, a later one is another', async () => {
    const { clock, heard, signalled } = requestWith({ npm_lifecycle_event: 'start' });
    signalled();
    await clock.advance(NPM_ECHO_MS - 1);
    signalled();
    expect(heard).toEqual(['stop']);
    await clock.advance(1);
    signalled();
    expect(heard).toEqual(['stop', 'exit']);
  });

  it('ends at once a process that stops already because of a fault', () => {
    const { heard, begun, signalled } = requestWith({});
    begun();
    signalled();
    expect(heard).toEqual(['exit']);
  });
});
