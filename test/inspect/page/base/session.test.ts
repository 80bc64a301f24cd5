import { expect, test } from 'vitest';

import { Session } from '../../../../src/inspect/page/base/session.ts';

test('what is selected is looked at in the present', () => {
  const session = new Session();
  session.step.value = 3;
  session.select('12');
  expect([session.selected.value, session.step.value]).toEqual(['12', null]);
});

test('a state of a chart leads to the list of those in it', () => {
  const session = new Session();
  session.tab.value = 'peers';
  session.show('reason:rejected.self', 'ended');
  expect([session.tab.value, session.filter.value, session.list.value]).toEqual([
    'connections',
    'reason:rejected.self',
    'ended',
  ]);
});
