/** Crawlers as processes that share a queue on a real nats-server: one is killed, and the server is. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { bundledProgram, type RunningProgram, runProgram } from '../support/child-program.ts';
import { visitRecord } from '../support/visit-records.ts';
import { connected, startNatsServer } from './nats-server.ts';

const NODES = 300;

test('two crawlers visit every node, none is lost when one of them is killed, and what was visited twice is counted', async () => {
  const { url } = await startNatsServer();
  const program = await bundledProgram('test/support/nats-crawler.ts');
  const [killed, other] = [1, 2].map(() => runProgram(program, [url, String(NODES)]));
  await visits(killed!, 60);
  killed!.child.kill('SIGKILL');
  const counts = await resultOf(other!);
  expect(counts).toMatchObject({ outcome: 'finished', failure: null, givenUp: 0 });
  const { ids, messages } = await written(url);
  expect(ids).toEqual(expectedIds);
  expect(counts.redelivered).toBeGreaterThan(0); // those that the killed one was visiting
  expect(messages - NODES).toBeLessThanOrEqual(again(counts)); // written by the killed one, and not acknowledged
  expect(await waiting(url)).toBe(0);
}, 60_000);

test('two crawlers visit every node when the server is killed and starts again meanwhile', async () => {
  const server = await startNatsServer();
  const program = await bundledProgram('test/support/nats-crawler.ts');
  const crawlers = [1, 2].map(() => runProgram(program, [server.url, String(NODES)]));
  await visits(crawlers[0]!, 60);
  await server.kill();
  await delay(1_000);
  await server.startAgain();
  const counts = await Promise.all(crawlers.map(resultOf));
  for (const { outcome, failure, givenUp } of counts)
    expect({ outcome, failure, givenUp }).toEqual({
      outcome: 'finished',
      failure: null,
      givenUp: 0,
    });
  const { ids, messages } = await written(server.url);
  expect(ids).toEqual(expectedIds);
  expect(messages - NODES).toBeLessThanOrEqual(again(counts[0]!) + again(counts[1]!));
}, 60_000);

const expectedIds = Array.from({ length: NODES }, (_, index) => visitRecord(index + 1).id).sort();

type Counts = {
  readonly outcome: string;
  readonly failure: unknown;
  readonly redelivered: number;
  readonly duplicates: number;
  readonly givenUp: number;
};

/** Visits that may have been second ones, as a crawler counts them. */
const again = ({ redelivered, duplicates }: Counts): number => redelivered + duplicates;

/** Resolves when it has begun so many. */
async function visits(program: RunningProgram, count: number): Promise<void> {
  for (let begun = 0; begun < count; begun += 1) expect(await program.next()).toBe('visit');
}

async function resultOf(program: RunningProgram): Promise<Counts> {
  for (;;) {
    const line = await program.next();
    if (line === null) throw new Error('the crawler ended without a result');
    if (line !== 'visit') return JSON.parse(line) as Counts;
  }
}

/** What is on the stream of results. */
async function written(url: string) {
  const { manager } = await connected(url);
  const { state } = await manager.streams.info('peerchart-results', { subjects_filter: '>' });
  const ids = Object.keys(state.subjects ?? {}).map((subject) => subject.split('.').at(-1)!);
  return { ids: ids.sort(), messages: state.messages };
}

async function waiting(url: string): Promise<number> {
  const { manager } = await connected(url);
  const { num_pending, num_ack_pending } = await manager.consumers.info(
    'peerchart-tasks',
    'workers',
  );
  return num_pending + num_ack_pending;
}
