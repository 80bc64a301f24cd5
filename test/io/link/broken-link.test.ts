import { expect, test } from 'vitest';

import { brokenLink } from '../../../src/io/link/broken-link.ts';

test('a broken link reports a fault when attached, and accepts every call', () => {
  const reports: unknown[] = [];
  const link = brokenLink(new Error('on purpose'));
  link.attach((event) => reports.push(event));
  link.command({ type: 'send.auth' });
  expect(link.openPorts([])).toEqual([]);
  link.closePorts(new Error('over'));
  link.detach(() => {});
  link.release(new Error('over'));
  expect(reports).toEqual([{ type: 'link.faulted', message: 'Error: on purpose' }]);
  expect(JSON.stringify(link)).toBe('"[broken link]"');
});
