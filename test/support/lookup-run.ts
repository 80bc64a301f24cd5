/** A lookup whose asker the test drives. Its target is `SELF`, so that nodes of lower numbers are closer. */
import type { Node } from '../../src/io/crypto/node.ts';
import { type LookupInput, lookupMachine } from '../../src/machines/discovery/lookup.ts';
import { fakeAsker } from '../../src/testing/machine/fake-adapters.ts';
import { runMachine } from './run-machine.ts';
import { hostNumber, SELF, tableNode } from './table-nodes.ts';

export const US = 'f'.repeat(64);

/** The node at a distance of `number` from the target. */
export const near = (number: number): Node =>
  tableNode(number.toString(16).padStart(64, '0'), { host: hostNumber(number) });

export const numberOf = (id: string): number => Number.parseInt(id, 16);

export const lookupInput = (seeds: readonly Node[] = [near(9)]): LookupInput => ({
  targetId: SELF,
  selfId: US,
  seeds,
});

export function runLookup(...seeds: readonly number[]) {
  const asker = fakeAsker();
  const machine = lookupMachine.provide({ actors: { asker: asker.logic } });
  const found: number[] = [];
  const run = runMachine(machine, lookupInput(seeds.map(near)), ({ node }) =>
    found.push(numberOf(node.id)),
  );
  return {
    ...run,
    asker,
    /** Numbers of the nodes that were emitted. */
    found,
    /** Numbers of the nodes that were asked, in order. */
    asked: () => asker.commands.map(({ node }) => numberOf(node.id)),
    answer: (number: number, ...nodes: readonly number[]) =>
      asker.report({ type: 'answered', id: near(number).id, nodes: nodes.map(near) }),
    fail: (number: number) => asker.report({ type: 'askFailed', id: near(number).id }),
  };
}
