import { describe, expect, it } from 'vitest';
import { type CancelController, createCancelController } from '../../src/probe/cancel-signal.ts';

/** The platform's own, so that the light one cannot drift from what it stands for. */
function platformController(): CancelController {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

describe.each([
  ['the light one', createCancelController],
  ["the platform's", platformController],
])('a stop controller: %s', (_name, create) => {
  it('tells its listeners once, with the reason there to see', () => {
    const controller = create();
    const { signal } = controller;
    const heard: unknown[] = [];
    signal.addEventListener('abort', () => heard.push(signal.reason));
    signal.addEventListener('abort', () => heard.push(signal.aborted));
    expect(signal.aborted).toBe(false);
    controller.abort('why');
    controller.abort('again');
    expect(heard).toEqual(['why', true]);
    expect(signal.reason).toBe('why');
  });

  it('does not tell who no longer listens, even if that is decided by one who is told', () => {
    const controller = create();
    const { signal } = controller;
    const heard: string[] = [];
    const second = (): void => void heard.push('second');
    const gone = (): void => void heard.push('gone');
    signal.addEventListener('abort', () => {
      heard.push('first');
      signal.removeEventListener('abort', second);
    });
    signal.addEventListener('abort', second);
    signal.addEventListener('abort', gone);
    signal.removeEventListener('abort', gone);
    controller.abort();
    expect(heard).toEqual(['first']);
  });

  it('tells the others in the order in which they came, whoever has left', () => {
    const controller = create();
    const { signal } = controller;
    const heard: string[] = [];
    const listeners = ['a', 'b', 'c', 'd'].map((name) => () => void heard.push(name));
    for (const listener of listeners) signal.addEventListener('abort', listener);
    for (const n of [0, 2]) signal.removeEventListener('abort', listeners[n] ?? expect.fail());
    signal.addEventListener('abort', () => heard.push('e'));
    controller.abort();
    expect(heard).toEqual(['b', 'd', 'e']);
  });

  it('does not tell one whom another, told before, has sent away', () => {
    const controller = create();
    const { signal } = controller;
    const heard: string[] = [];
    const third = (): void => void heard.push('third');
    signal.addEventListener('abort', () => heard.push('first'));
    signal.addEventListener('abort', () => signal.removeEventListener('abort', third));
    signal.addEventListener('abort', third);
    controller.abort();
    expect(heard).toEqual(['first']);
  });

  it('tells a listener that is an object', () => {
    const controller = create();
    const heard: string[] = [];
    controller.signal.addEventListener('abort', { handleEvent: () => void heard.push('told') });
    controller.abort();
    expect(heard).toEqual(['told']);
  });
});
