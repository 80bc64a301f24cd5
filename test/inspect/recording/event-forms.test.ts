import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as machines from '../../../src/exports/machines.ts';
import { formsOf, MACHINE_IDS, machineOf } from '../../../src/inspect/recording/event-forms.ts';

/** Names of the machines that the files of src/machines export. */
function machinesInFiles(): readonly string[] {
  const folder = new URL('../../../src/machines/', import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(new URL(path, folder), 'utf8').matchAll(/^export const (\w+Machine) =/gm),
    ])
    .map(([, name]) => name!);
}

describe('forms', () => {
  test('exist for every machine of src/machines', () => {
    const exported = Object.entries(machines).filter(([name]) => name.endsWith('Machine'));
    expect(exported.map(([name]) => name).sort()).toEqual([...machinesInFiles()].sort());
    const ids = exported.flatMap(([, machine]) => ('id' in machine ? [machine.id] : []));
    expect([...MACHINE_IDS].sort()).toEqual(ids.sort());
    for (const id of MACHINE_IDS) {
      expect(formsOf(id)).not.toBe(null);
      expect(machineOf(id)!.id).toBe(id);
    }
  });

  test('do not exist for names that every object inherits', () => {
    expect([formsOf('constructor'), machineOf('__proto__')]).toEqual([null, null]);
  });
});
