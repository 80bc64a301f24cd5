import { expect, test } from 'vitest';
import { timedJson, timedLines } from '../../src/cli/timed-reports.ts';
import { timeOfDay } from '../../src/io/process/wall-time.ts';

const iso = '2026-01-02T16:05:09.876Z';
const terminal = { hasColours: false, wallTime: () => iso };

test('JSON begins with the time in ISO 8601', () => {
  expect(timedJson({ type: 'stopped' }, terminal)).toBe(`{"time":"${iso}","type":"stopped"}`);
});

test('lines begin with the clock of this computer, dimmed where there are colours', () => {
  expect(timedLines((paint) => paint('bold', 'a\nb'), terminal)).toBe(`${timeOfDay(iso)} a\nb`);
  expect(timedLines(() => 'a', { ...terminal, hasColours: true })).toBe(
    `\u001b[2m${timeOfDay(iso)}\u001b[22m a`,
  );
});
