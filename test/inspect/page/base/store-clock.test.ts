import { expect, test } from 'vitest';
import { Session } from '../../../../src/inspect/page/base/session.ts';
import { nowOf } from '../../../../src/inspect/page/base/store-clock.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';

test('time advances between frames, and stops when the page is not live', () => {
  const [store, session] = [new Store(), new Session()];
  store.apply({ t: 1_000, hz: 10 }, 50);
  session.connectivity.value = 'live';
  expect(nowOf(store, session, () => 80)).toBe(1_030);
  expect(nowOf(store, session, () => 20)).toBe(1_000);
  session.connectivity.value = 'paused';
  expect(nowOf(store, session, () => 80)).toBe(1_000);
});
