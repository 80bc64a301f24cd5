/** The filter of the connections, for rows of a table. */
import { expect, test } from 'vitest';

import { matchingAttempts } from '../../../../src/inspect/page/model/panel-filter.ts';
import { recordedStore } from '../../../support/recorded-store.ts';

const fitting = async (text: string) => {
  const matching = matchingAttempts(await recordedStore(), text);
  return matching && ['1', '2', 'd6', '99'].filter(matching);
};

test('an empty filter matches everything', async () => {
  expect(await fitting('')).toBeNull();
  expect(await fitting('  ')).toBeNull();
});

test.for([
  ['client:geth', ['1']],
  ['state:running', ['1']],
  ['reason:tooManyPeers', ['2']],
  ['dir:out', ['d6']],
  ['ip:10.0.0.0/8', ['1', '2', 'd6']],
  ['-dir:in', ['d6']],
  ['nobody', []],
] as const)('%s finds %s; an unknown connection never matches', async ([text, keys]) => {
  expect(await fitting(text)).toEqual(keys);
});
