import { createContext, runInContext } from 'node:vm';
import scxml from '@scion-scxml/core';
import { DOMParser, type Element } from '@xmldom/xmldom';

/** What a stand-in of a block ends with: an event, and its data. */
export interface BlockEnd {
  readonly event: string;
  readonly data: unknown;
}

/** Plays a block: by the type of its `<send>`, with its parameters. */
export type PlayBlock = (type: string, parameters: Readonly<Record<string, unknown>>) => Promise<BlockEnd>;

type Action = (this: { send(event: object, options: object): void }, event: { readonly data: unknown } | null) => void;

/** Longer waits are for the platform's sake, which is not there. */
const LONGEST_MS = 700;
const STATES = new Set(['state', 'final']);

/**
 * Runs a document in SCION's engine, whose model is made of it here: SCION's own reader of documents is another package. Of SCXML it knows
 * what the examples use, and refuses all else.
 *
 * @returns the name of the final state, and those before it.
 */
export function runScxml(text: string, play: PlayBlock): Promise<readonly string[]> {
  const root = new DOMParser().parseFromString(text, 'text/xml').documentElement;
  if (root === null) throw new Error('no document');
  const data = createContext({});
  const evaluate = (expression: string | null, event: unknown = null): unknown => {
    Object.assign(data, { _event: event });
    return runInContext(`(${expression})`, data);
  };
  for (const item of childrenOf(root, 'datamodel').flatMap((model) => childrenOf(model, 'data')))
    runInContext(`var ${item.getAttribute('id')} = ${item.getAttribute('expr')}`, data);

  return new Promise((resolve, reject) => {
    const visited: string[] = [];
    const compile = (element: Element): Action => {
      if (element.localName === 'assign')
        return (event) =>
          void runInContext(`${element.getAttribute('location')} = (${element.getAttribute('expr')})`, withEvent(data, event));
      if (element.localName !== 'send') throw new Error(`<${element.localName}> is not known`);
      const type = element.getAttribute('type');
      if (type === null)
        return function send(event) {
          this.send(
            { name: element.getAttribute('event') },
            { delay: Math.min(LONGEST_MS, milliseconds(String(evaluate(element.getAttribute('delayexpr'), event)))) },
          );
        };
      return (event) => {
        const parameters = childrenOf(element, 'param').map((each) => [
          each.getAttribute('name'),
          evaluate(each.getAttribute('expr'), event),
        ]);
        play(type, Object.fromEntries(parameters)).then(({ event: name, data: told }) => engine.gen({ name, data: told }), reject);
      };
    };
    const model = {
      states: [...elementsOf(root)]
        .filter(({ localName }) => STATES.has(localName ?? ''))
        .map((state) => ({
          id: named(state, 'id'),
          $type: state.localName ?? '',
          onEntry: childrenOf(state, 'onentry').map((entry) => elementsOf(entry).map(compile)),
          transitions: childrenOf(state, 'transition').map((transition) => ({
            ...(transition.hasAttribute('event') ? { event: named(transition, 'event') } : {}),
            ...(transition.hasAttribute('cond') ? { cond: (event: unknown) => evaluate(named(transition, 'cond'), event) === true } : {}),
            target: named(transition, 'target'),
            onTransition: elementsOf(transition).map(compile),
          })),
        })),
    };
    // Made by a function: an object is copied as JSON, and loses its functions without a word.
    const engine = new scxml.Statechart(() => model);
    const finals = new Set(model.states.filter(({ $type }) => $type === 'final').map(({ id }) => id));
    engine.on('onEntry', (state: string) => {
      visited.push(state);
      if (finals.has(state)) resolve(visited);
    });
    engine.start();
  });
}

function withEvent(data: object, event: unknown): object {
  return Object.assign(data, { _event: event });
}

function named(element: Element, attribute: string): string {
  return element.getAttribute(attribute) ?? '';
}

function elementsOf(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1);
}

function childrenOf(parent: Element, name: string): Element[] {
  return elementsOf(parent).filter(({ localName }) => localName === name);
}

/** Other units, and quotes, are taken for something else by engines: SCION fires such delays at once. */
function milliseconds(delay: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(delay) ?? [];
  if (amount === undefined) throw new Error(`${delay} is no delay in ms or s`);
  return Number(amount) * (unit === 's' ? 1_000 : 1);
}
