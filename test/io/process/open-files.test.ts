import { afterEach, expect, test, vi } from 'vitest';

import { openFilesLimit } from '../../../src/io/process/open-files.ts';

afterEach(() => void vi.restoreAllMocks());

test('R5: this process has a limit of open files, or none', () => {
  expect(openFilesLimit()).toBeGreaterThan(0);
});

test.for<[limits: unknown, files: number]>([
  [{ open_files: { soft: 128, hard: 4_096 } }, 128],
  [{ open_files: { soft: 'unlimited', hard: 'unlimited' } }, Number.POSITIVE_INFINITY],
  [{}, Number.POSITIVE_INFINITY],
  [undefined, Number.POSITIVE_INFINITY],
])('R5: where the system says %j it is %d', ([userLimits, files]) => {
  vi.spyOn(process.report, 'getReport').mockReturnValue({ userLimits } as never);
  expect(openFilesLimit()).toBe(files);
});

test('R5: the report is made without the network, whose host names would take seconds to look up', () => {
  const asked: unknown[] = [];
  const report: { excludeNetwork?: boolean; getReport(): unknown } = process.report;
  vi.spyOn(process.report, 'getReport').mockImplementation(() => {
    asked.push(report.excludeNetwork);
    throw new Error('broken on purpose');
  });
  const before = report.excludeNetwork;
  expect(openFilesLimit).toThrow('broken on purpose');
  expect([asked, report.excludeNetwork]).toEqual([[true], before]);
});
