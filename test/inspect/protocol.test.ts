import { expect, test } from 'vitest';

import { PROTOCOL } from '../../src/inspect/protocol.ts';
import { recordedStage } from '../support/inspected-actors.ts';

test('every viewer is told first of which shape its frames are', () => {
  const { recorder } = recordedStage();
  const { about } = recorder.open({ actions: false }).next(10)!;
  expect([PROTOCOL, about?.protocol]).toEqual([4, 4]);
});
