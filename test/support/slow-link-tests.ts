/** The tests of all slow lines of one rate: each line a test. */
import { expect, test } from 'vitest';

import { flawOf, nameOf, slowLinksAt } from './slow-links.ts';

/** @param rate In KiB/s. */
export function testSlowLinks(rate: number): void {
  for (const link of slowLinksAt(rate))
    test(nameOf(link), async () => {
      expect(await flawOf(link)).toBeNull();
    });
}
