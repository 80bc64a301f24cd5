import { expect, test } from 'vitest';
import { createActor } from 'xstate';

import { unprovided } from '../../src/machines/unprovided-actor.ts';

test('an actor that was not provided throws an error with its name', () => {
  const actor = createActor(unprovided('resolver'));
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  expect(errors).toEqual([new Error('no adapter was provided for "resolver"')]);
  expect(actor.getSnapshot().status).toBe('error');
});
