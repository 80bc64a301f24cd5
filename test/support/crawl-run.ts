/** Runs the chart of a crawl with a visitor whose reports the test gives. */
import type { CrawlReport } from '../../src/io/adapters/crawl-visitor.ts';
import { type CrawlMachineInput, crawlMachine } from '../../src/machines/crawl/crawl.ts';
import { fakeVisitor } from '../../src/testing/machine/fake-adapters.ts';
import { runMachine } from './run-machine.ts';

export const INTERVAL_MS = 20;
export const MAX_MS = 3_600_000;

const INPUT: CrawlMachineInput = {
  parallel: 2,
  visitIntervalMs: INTERVAL_MS,
  emptyPolls: 3,
  maxMs: MAX_MS,
};

export type Fact = Exclude<CrawlReport['type'], 'crawl.failed' | 'drained'>;

export function runCrawl(input: Partial<CrawlMachineInput> = {}) {
  const visitor = fakeVisitor();
  const machine = crawlMachine.provide({ actors: { visitor: visitor.logic } });
  const run = runMachine(machine, { ...INPUT, ...input });
  return {
    ...run,
    visitor,
    context: () => run.actor.getSnapshot().context,
    commands: () => visitor.commands.map(({ type }) => type),
    report: (...types: readonly Fact[]) => {
      for (const type of types) visitor.report({ type });
    },
    drained: () => visitor.report({ type: 'drained', failure: null }),
  };
}
