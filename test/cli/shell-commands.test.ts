import { expect, test } from 'vitest';
import { tryOut } from './try-out.ts';

test('charts has the format text unless another is given', async () => {
  expect((await tryOut(['charts', 'lookup'])).output).toMatch(/^# lookup\n/);
  expect((await tryOut(['charts', 'lookup', '--format', 'svg'])).output).toMatch(/^<svg /);
  expect((await tryOut(['charts', 'lookup', '--format', 'png'])).code).toBe(1);
});

test('completion prints a script for a shell that it knows', async () => {
  expect((await tryOut(['completion', 'bash'])).output).toMatch(/^# Completion of peerchart/);
  expect((await tryOut(['completion', 'csh'])).errors).toMatch(/^peerchart: .*\n$/);
  const { output } = await tryOut(['completion', 'fish', '--json']);
  expect(JSON.parse(output)).toMatchObject({ type: 'completion', shell: 'fish' });
});
