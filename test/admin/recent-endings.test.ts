import { expect, test } from 'vitest';
import { MAX_ENDINGS, RecentEndings } from '../../src/admin/recent-endings.ts';
import { eventSource, somePeer } from './event-source.ts';

const explanation = { verdict: 'v', remedy: 'r', confidence: 'certain', evidence: ['e'] };
const remote = { host: '192.0.2.1', port: 3 };
const TIME = '2026-01-02T16:05:09.876Z';

test('each kind of ending is kept with its explanation, the newest first', () => {
  const source = eventSource();
  const endings = new RecentEndings(source, () => TIME);
  const ended = { state: 'x', explanation };
  source.emit('drop', { peer: somePeer({ id: 'a', remote, direction: 'static' }), ...ended });
  source.emit('ended', { identity: {}, direction: 'inbound', remote, ...ended });
  source.emit('ended', { identity: { id: 'a' }, direction: 'dynamic', remote, ...ended });
  source.emit('dialFailed', { target: { id: 'b' }, address: remote, ...ended });
  const common = { time: TIME, remote: '192.0.2.1:3', state: 'x', explanation };
  const all = [
    { ...common, type: 'dialFailed', id: 'b', direction: null },
    { ...common, type: 'ended', id: 'a', direction: 'dynamic' },
    { ...common, type: 'ended', id: null, direction: 'inbound' },
    { ...common, type: 'drop', id: 'a', direction: 'static' },
  ];
  expect(endings.of(null)).toEqual(all);
  expect(endings.of('a')).toEqual([all[1], all[3]]);
  expect(endings.of('c')).toEqual([]);
  endings.close();
  expect(source.listeners).toBe(0);
});

test('the oldest leave', () => {
  const source = eventSource();
  const endings = new RecentEndings(source, () => TIME);
  for (let at = 0; at < MAX_ENDINGS + 5; at += 1)
    source.emit('dialFailed', {
      target: { id: `${at}` },
      address: remote,
      state: 'x',
      explanation,
    });
  const ids = endings.of(null).map(({ id }) => id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([MAX_ENDINGS, `${MAX_ENDINGS + 4}`, '5']);
});
