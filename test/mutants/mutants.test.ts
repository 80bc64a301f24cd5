/** The table of mutants itself. `npm run mutants` shows whether each of them is caught. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { MUTANTS } from './mutants.mjs';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);

test('each has its own name, and D1 to D7 are among them', () => {
  const ids = MUTANTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const defect of ['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7'])
    expect(ids.filter((id) => id.startsWith(defect))).not.toEqual([]);
});

test('each has exactly one place in the source', () => {
  const lost = MUTANTS.filter(
    ({ file, from }) => readFileSync(at(file), 'utf8').split(from).length !== 2,
  );
  expect(lost.map(({ id }) => id)).toEqual([]);
});

test('each changes something, and its test exists', () => {
  const bad = MUTANTS.filter(({ from, to, test: [file] }) => from === to || !existsSync(at(file)));
  expect(bad.map(({ id }) => id)).toEqual([]);
});
