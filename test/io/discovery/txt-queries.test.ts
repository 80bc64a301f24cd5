import { describe, expect, test } from 'vitest';

import {
  MAX_TXT_RECORDS,
  MAX_WAITING_QUERIES,
  TXT_QUERIES_PER_SECOND,
  TXT_QUERY_BURST,
  TXT_TIMEOUT_MS,
  type TxtAnswer,
  TxtQueries,
} from '../../../src/io/discovery/txt-queries.ts';
import { NameServer, settled } from '../../support/dns-run.ts';
import { StepClock } from '../../support/step-clock.ts';

function runQueries(server = new NameServer()) {
  const clock = new StepClock();
  const queries = new TxtQueries(server.resolve, clock);
  const answers: (readonly [name: string, answer: TxtAnswer])[] = [];
  const ask = (name: string) => queries.find(name, (answer) => answers.push([name, answer]));
  return { clock, queries, answers, ask, server };
}

describe('a query for TXT records', () => {
  test('gives the strings of each record joined', async () => {
    const { queries } = {
      queries: new TxtQueries(async () => [['enr:', 'A', 'B'], [], ['x']], new StepClock()),
    };
    const answer = await new Promise((resolve) => queries.find('n', resolve));
    expect(answer).toEqual({ texts: ['enr:AB', '', 'x'] });
  });

  test(`looks at ${MAX_TXT_RECORDS} records of a name`, async () => {
    const queries = new TxtQueries(async () => Array(100).fill(['x']), new StepClock());
    const answer = await new Promise<TxtAnswer>((resolve) => queries.find('n', resolve));
    expect(answer).toEqual({ texts: Array(MAX_TXT_RECORDS).fill('x') });
  });

  test('says whether there is none, or the name server failed', async () => {
    const { ask, answers, server, clock } = runQueries();
    server.broken.add('broken');
    ask('none');
    ask('broken');
    await settled();
    expect(answers).toMatchObject([
      ['none', { failure: 'noTxtRecord' }],
      ['broken', { failure: 'queryFailed', detail: expect.stringContaining('SERVFAIL') }],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('ends after its time, and the others meanwhile', async () => {
    const { ask, answers, server, clock } = runQueries();
    server.silent.add('silent');
    ask('silent');
    ask('none');
    await settled();
    expect(answers.map(([name]) => name)).toEqual(['none']);
    clock.advance(TXT_TIMEOUT_MS - 1);
    expect(answers).toHaveLength(1);
    clock.advance(1);
    expect(answers[1]).toMatchObject(['silent', { failure: 'queryTimedOut' }]);
    expect(server.aborted).toBe(2);
    expect(clock.pending).toBe(0);
  });

  test('is not answered when it was cancelled, running or waiting', async () => {
    const { ask, answers, server, clock } = runQueries();
    ask('a')();
    for (let i = 1; i < TXT_QUERY_BURST; i += 1) ask(`b${i}`);
    ask('waiting')();
    await settled();
    expect(clock.pending).toBe(0);
    clock.advance(60_000);
    await settled();
    expect(server.asked).not.toContain('waiting');
    expect(answers).toHaveLength(TXT_QUERY_BURST - 1);
    expect(clock.pending).toBe(0);
  });

  test('what a resolver throws at once is a failure too', async () => {
    const queries = new TxtQueries(() => {
      throw new TypeError('no');
    }, new StepClock());
    const answer = await new Promise((resolve) => queries.find('n', resolve));
    expect(answer).toMatchObject({ failure: 'queryFailed', detail: expect.stringMatching(/no/) });
  });
});

describe('the rate of queries', () => {
  test(`${TXT_QUERY_BURST} may follow each other, then ${TXT_QUERIES_PER_SECOND} a second`, async () => {
    const { ask, server, clock } = runQueries();
    for (let i = 0; i < 30; i += 1) ask(`${i}`);
    expect(server.asked).toHaveLength(TXT_QUERY_BURST);
    clock.advance(1_000);
    expect(server.asked).toHaveLength(TXT_QUERY_BURST + TXT_QUERIES_PER_SECOND);
    clock.advance(4_000);
    expect(server.asked).toHaveLength(TXT_QUERY_BURST + 5 * TXT_QUERIES_PER_SECOND);
    clock.advance(60_000);
    expect(server.asked).toEqual(Array.from({ length: 30 }, (_, i) => `${i}`));
  });

  test(`${MAX_WAITING_QUERIES} wait, and one more is refused`, async () => {
    const { ask, answers, clock } = runQueries();
    for (let i = 0; i < TXT_QUERY_BURST + MAX_WAITING_QUERIES; i += 1) ask(`${i}`);
    ask('refused');
    ask('refused and cancelled')();
    expect(answers).toEqual([]);
    clock.advance(1);
    expect(answers).toMatchObject([['refused', { failure: 'tooManyQueries' }]]);
  });
});
