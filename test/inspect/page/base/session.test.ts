import { expect, test } from 'vitest';

import { Session } from '../../../../src/inspect/page/base/session.ts';

test('a new selection shows the live state', () => {
  const session = new Session();
  session.step.value = 3;
  session.select('12');
  expect([session.selected.value, session.step.value]).toEqual(['12', null]);
});

test('a state of a chart opens the list filtered by it', () => {
  const session = new Session();
  session.tab.value = 'peers';
  session.show('reason:rejected.self', 'ended');
  expect([session.tab.value, session.filter.value, session.list.value]).toEqual([
    'connections',
    'reason:rejected.self',
    'ended',
  ]);
});
