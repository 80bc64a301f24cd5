import { describe, expect, test } from 'vitest';
import { Stepper } from '../../src/actors/pure-stepper.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { connectionSetupModel } from '../support/models.ts';
import { doorMachine, inputs, softPush } from '../testing/door.ts';

describe('a machine that never runs', () => {
  test('starts with its input, and processes one event at a time', () => {
    const { options } = connectionSetupModel();
    const stepper = new Stepper(connectionSetupMachine, options.inputs![1] as never);
    const { snapshot, taken } = stepper.begin();
    expect(snapshot.value).toEqual({ encHandshake: 'sendingAuth' });
    expect(taken).toHaveLength(1);
    const step = stepper.step(snapshot, { type: 'auth.sent' });
    expect(step.snapshot.value).toEqual({ encHandshake: 'awaitingAck' });
    expect(snapshot.value).toEqual({ encHandshake: 'sendingAuth' });
  });

  test('names the state and the event when the machine throws', () => {
    const broken = doorMachine.provide({
      guards: {
        isHard: () => {
          throw new Error('oops');
        },
      },
    });
    const stepper = new Stepper(broken, inputs[0]);
    const { snapshot } = stepper.begin();
    expect(() => stepper.step(snapshot, softPush)).toThrow(
      'the machine door threw in the state shut on the event push',
    );
  });
});
