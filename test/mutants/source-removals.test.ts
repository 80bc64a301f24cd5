import { expect, test } from 'vitest';

import { removalsIn } from './source-removals.ts';

const removed = (text: string): readonly string[] =>
  removalsIn('a.ts', text).map(
    ({ start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end),
  );

test('a call that gives something back is removed where nothing uses its result', () => {
  expect(removed('all.delete(one);')).toEqual(['undefined;']);
  expect(removed('await file.sync();')).toEqual(['await undefined;']);
  expect(removed("const end = () => socket.off('data', hear);")).toEqual([
    'const end = () => undefined;',
  ]);
  expect(removed('if (all.delete(one)) say();')).toEqual([]);
});

test('a comparison with a limit is answered as if the limit were never reached', () => {
  expect(removed('if (all.size >= MAX_ACTORS) return;')).toEqual(['if (false) return;']);
  expect(removed('if (all.size < MAX_ACTORS) add();')).toEqual(['if (true) add();']);
  expect(removed('if (MAX_BYTES < bytes) return;')).toEqual(['if (false) return;']);
  expect(removed('if (rules.maxPeers > peers.size) add();')).toEqual(['if (true) add();']);
  expect(removed('if (a.size > b.size) swap();')).toEqual([]);
});

test('the same text twice has two names', () => {
  expect(removalsIn('a.ts', 'x.clear(); x.clear();').map(({ name }) => name)).toEqual([
    'a.ts: x.clear()',
    'a.ts: x.clear() #2',
  ]);
});
