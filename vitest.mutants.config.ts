/** Tests on a source with one defect, named by `MUTANT` at the time; on the source as it is without one. See test/mutants. */
import { defineConfig, mergeConfig, type Plugin } from 'vitest/config';

import { MUTANTS } from './test/mutants/mutants.mjs';
import { base as config } from './vitest.config.ts';

const root = new URL('./', import.meta.url).pathname;

/** Of the random runs, as many as find each defect; and they are not to take long over the shortest way to it. */
const env = { RUNS: '3000', SHRINK: 'no' };

export default mergeConfig(config, defineConfig({ plugins: [defect()], test: { env } }));

function defect(): Plugin {
  return {
    name: 'mutant',
    enforce: 'pre',
    transform(code, path) {
      const id = process.env['MUTANT'];
      const mutant = MUTANTS.find((one) => one.id === id);
      if (id !== undefined && !mutant) throw new Error(`there is no mutant "${id}"`);
      if (!mutant || path.split('?')[0] !== root + mutant.file) return null;
      return { code: code.replace(mutant.from, () => mutant.to), map: null };
    },
  };
}
