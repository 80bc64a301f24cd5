import { describe, expect, test } from 'vitest';

import { DnsNodes, MAX_TREES } from '../../../src/io/discovery/dns-nodes.ts';
import { countingRandom, settled } from '../../support/dns-run.ts';
import { tableNode } from '../../support/table-nodes.ts';

const node = (number: number) => tableNode(number.toString(16).padStart(64, '0'));

function runNodes(...urls: readonly string[]) {
  const wanted: string[] = [];
  const taken: (string | null)[] = [];
  let closed = 0;
  const nodes = new DnsNodes({
    random: countingRandom(),
    want: (url) => wanted.push(url),
    onClosed: () => {
      closed += 1;
    },
  });
  for (const url of urls) nodes.add(url);
  const take = () =>
    void nodes.next().then(({ value }) => taken.push(value === undefined ? null : value.id));
  return { nodes, wanted, taken, take, closed: () => closed };
}

describe('the nodes of several lists', () => {
  test('are looked for when one is wanted, in all lists at once', () => {
    const run = runNodes('a', 'b');
    expect(run.wanted).toEqual([]);
    run.take();
    expect(run.wanted).toEqual(['a', 'b']);
    run.take();
    expect(run.wanted).toEqual(['a', 'b']);
  });

  test('come from the list that has one, although another one is silent', async () => {
    const run = runNodes('silent', 'b');
    for (const number of [1, 2, 3]) {
      run.take();
      run.nodes.deliver('b', node(number));
      await settled();
    }
    expect(run.taken).toEqual([1, 2, 3].map((number) => node(number).id));
    expect(run.wanted).toEqual(['silent', 'b', 'b', 'b']);
  });

  test('wait until they are taken, one of each list', async () => {
    const run = runNodes('a', 'b');
    run.take();
    run.nodes.deliver('a', node(1));
    run.nodes.deliver('b', node(2));
    run.take();
    await settled();
    expect(run.taken).toEqual([node(1).id, node(2).id]);
    expect(run.wanted).toEqual(['a', 'b']);
  });

  test('are taken from a random one of the lists that have one', async () => {
    const run = runNodes('a', 'b', 'c');
    const second = new Set<string | null>();
    for (let i = 0; i < 30; i += 1) {
      run.take();
      for (const [index, url] of ['a', 'b', 'c'].entries()) run.nodes.deliver(url, node(index));
      run.take();
      await settled();
      second.add(run.taken.at(-1)!);
      run.take();
    }
    expect(second).toEqual(new Set([node(1).id, node(2).id]));
  });

  test('a list that is added while one is wanted is asked at once', () => {
    const run = runNodes();
    run.take();
    run.nodes.add('late');
    run.nodes.add('late');
    expect(run.wanted).toEqual(['late']);
  });

  test('those of a list that was removed are not given', async () => {
    const run = runNodes('a', 'b');
    run.take();
    run.nodes.deliver('b', node(1));
    run.nodes.remove('a');
    run.nodes.deliver('a', node(2));
    run.take();
    await settled();
    expect(run.taken).toEqual([node(1).id]);
  });

  test(`are those of ${MAX_TREES} lists at most`, () => {
    const run = runNodes();
    for (let i = 0; i < MAX_TREES; i += 1) expect(run.nodes.add(`${i}`)).toBe(true);
    expect(run.nodes.add('more')).toBe(false);
    expect(run.nodes.add('0')).toBe(true);
    run.nodes.remove('0');
    expect(run.nodes.add('more')).toBe(true);
  });

  test('end when they are closed, for those who wait too', async () => {
    const run = runNodes('a');
    run.take();
    await run.nodes.return();
    run.take();
    await settled();
    expect(run.taken).toEqual([null, null]);
    run.nodes.close();
    expect(run.closed()).toBe(1);
    expect(run.nodes.add('b')).toBe(false);
    run.nodes.deliver('a', node(1));
    const iterated = [];
    for await (const one of run.nodes) iterated.push(one);
    expect(iterated).toEqual([]);
  });
});
