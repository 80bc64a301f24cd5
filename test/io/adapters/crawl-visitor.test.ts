import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { type CrawlReport, crawlVisitor } from '../../../src/io/adapters/crawl-visitor.ts';

test('a visitor passes commands on, reports while it runs, and abandons its work at its end', () => {
  const done: string[] = [];
  let report = (_: CrawlReport): void => {};
  const actor = createActor(
    crawlVisitor((given) => {
      report = given;
      return {
        carryOut: ({ type }) => void done.push(type),
        abandon: () => void done.push('abandon'),
      };
    }),
  ).start();
  actor.send({ type: 'take' });
  expect(() => report({ type: 'seeded' })).not.toThrow();
  actor.stop();
  report({ type: 'queue.empty' }); // after its end
  expect(done).toEqual(['take', 'abandon']);
});
