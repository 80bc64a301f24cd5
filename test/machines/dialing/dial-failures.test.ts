import { expect, test } from 'vitest';

import { DIAL_FAILURES } from '../../../src/machines/dialing/dial-failures.ts';
import { dialTaskMachine } from '../../../src/machines/dialing/dial-task.ts';

test('each failure is a final state of a dial, with its sentence and its remedy', () => {
  const { states } = dialTaskMachine.config;
  const finals = Object.entries(states ?? {}).filter(([, { type }]) => type === 'final');
  expect(finals.map(([name]) => name).sort()).toEqual(
    [...Object.keys(DIAL_FAILURES), 'done'].sort(),
  );
  for (const [failure, { sentence, remedy }] of Object.entries(DIAL_FAILURES))
    expect(states?.[failure as keyof typeof DIAL_FAILURES]).toMatchObject({
      description: sentence,
      meta: { remedy },
    });
});
