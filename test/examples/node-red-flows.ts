import { readFileSync } from 'node:fs';

/** One node of an exported flow, or the flow itself (`tab`). */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly func?: string;
  readonly scope?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string; readonly type: string }[];
  /** For each output the nodes that it leads to. */
  readonly wires?: readonly (readonly string[])[];
}

export const FLOWS = ['observe', 'probe'] as const;

export function readFlow(name: (typeof FLOWS)[number]): readonly FlowNode[] {
  return JSON.parse(readFileSync(new URL(`../../examples/workflow/node-red/${name}.json`, import.meta.url), 'utf8'));
}
