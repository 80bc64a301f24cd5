import { describe, expect, test } from 'vitest';

import {
  bootnodeNameMachine,
  FIRST_NAME_PAUSE_MS,
  MAX_NAME_PAUSE_MS,
  NAME_LOOKUP_TIMEOUT_MS,
} from '../../../src/machines/discovery/bootnode-name.ts';
import { fakeResolver } from '../../../src/testing/machine/fake-adapters.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { runMachine } from '../../support/run-machine.ts';

const FOUND = { type: 'host.found', address: '192.0.2.1' } as const;
const NOT_FOUND = { type: 'host.notFound', detail: 'ENOTFOUND' } as const;

function runName() {
  const resolver = fakeResolver();
  const machine = bootnodeNameMachine.provide({ actors: { resolver: resolver.logic } });
  return { ...runMachine(machine, { host: 'boot.example' }), resolver };
}

describe('the name of a bootnode', () => {
  test('is looked up', () => {
    const run = runName();
    expect(run.resolver.inputs).toEqual(['boot.example']);
    run.resolver.report(FOUND);
    expect(run.output()).toEqual({ address: '192.0.2.1' });
    expect([run.clock.pending, run.resolver.live]).toEqual([0, 0]);
  });

  test.for([NOT_FOUND, { type: 'host.lookupFailed', detail: 'ESERVFAIL' } as const])(
    'is looked up again after $type',
    (failure) => {
      const run = runName();
      run.resolver.report(failure);
      expect(run.state()).toBe('pausing');
      run.clock.advance(FIRST_NAME_PAUSE_MS);
      expect(run.state()).toBe('lookingUp');
      run.resolver.report(FOUND);
      expect(run.output()).toEqual({ address: '192.0.2.1' });
    },
  );

  test('is looked up again when the name server is silent, and a late answer is ignored', () => {
    const run = runName();
    run.clock.advance(NAME_LOOKUP_TIMEOUT_MS);
    expect(run.state()).toBe('pausing');
    run.send(FOUND, NOT_FOUND, { type: 'host.lookupFailed', detail: 'ESERVFAIL' });
    expect(run.state()).toBe('pausing');
    run.send({ type: 'stop' });
    expect(run.output()).toEqual({ address: null });
  });

  test('is looked up later each time, up to 10 min', () => {
    const run = runName();
    for (let pauseMs = FIRST_NAME_PAUSE_MS; ; pauseMs *= 2) {
      run.resolver.report(NOT_FOUND);
      const longest = Math.min(pauseMs, MAX_NAME_PAUSE_MS);
      run.clock.advance(longest - 1);
      expect(run.state()).toBe('pausing');
      run.clock.advance(1);
      expect(run.state()).toBe('lookingUp');
      if (pauseMs > 4 * MAX_NAME_PAUSE_MS) break;
    }
    run.send({ type: 'stop' });
  });

  test('is looked up again when the resolver breaks', () => {
    const resolver = brokenActor<never, string>();
    const machine = bootnodeNameMachine.provide({ actors: { resolver: resolver as never } });
    const run = runMachine(machine, { host: 'boot.example' });
    expect(run.state()).toBe('pausing');
    run.send({ type: 'stop' });
  });

  test.for([0, 1])('is no longer wanted after a stop (%i)', (failures) => {
    const run = runName();
    if (failures > 0) run.resolver.report(NOT_FOUND);
    run.send({ type: 'stop' });
    expect(run.output()).toEqual({ address: null });
    expect([run.clock.pending, run.resolver.live]).toEqual([0, 0]);
  });
});
