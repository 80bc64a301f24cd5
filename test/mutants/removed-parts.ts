/**
 * The tests of one machine, once for each part that is removed from its chart, all in one run: each time in a suite of its
 * own, with modules of its own. Run by run-chart-mutants.mjs, which reads the results.
 */
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, inject, test, vi } from 'vitest';

import { remove } from './xstate-without.ts';

fc.configureGlobal({ endOnFailure: true }); // that there is a failure is enough

const { machine, removals, files } = inject('removed');

for (const removal of removals)
  describe(removal.name, async () => {
    let isNoticed = false;
    beforeAll(() => remove({ machine, removal }));
    beforeEach(({ skip }) => {
      if (isNoticed) skip();
    });
    afterEach(({ task }) => {
      isNoticed ||= task.result?.state === 'fail';
    });
    remove({ machine, removal });
    vi.resetModules(); // machines are made when their modules are loaded
    try {
      for (const file of files) await describe(file, () => import(file));
    } catch (error) {
      test('the tests of the machine load', () => {
        throw error;
      });
    }
  });
