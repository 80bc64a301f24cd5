import { describe, expect, test } from 'vitest';
import * as machines from '../../../src/exports/machines.ts';
import { formsOf, MACHINE_IDS, machineOf } from '../../../src/inspect/recording/event-forms.ts';

describe('forms', () => {
  test('are there for every machine that is exported', () => {
    const ids = Object.entries(machines).flatMap(([name, machine]) =>
      name.endsWith('Machine') && 'id' in machine ? [machine.id] : [],
    );
    expect([...MACHINE_IDS].sort()).toEqual(ids.sort());
    for (const id of MACHINE_IDS) {
      expect(formsOf(id)).not.toBe(null);
      expect(machineOf(id)!.id).toBe(id);
    }
  });

  test('are not there for what everybody inherits', () => {
    expect([formsOf('constructor'), machineOf('__proto__')]).toEqual([null, null]);
  });
});
