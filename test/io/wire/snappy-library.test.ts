/** What is not left to the library that decompresses: that the length is the one that was declared (F4). */
import { expect, test, vi } from 'vitest';

import { compress, decompress } from '../../../src/io/wire/snappy.ts';

vi.mock('snappy', async (original) => ({
  ...(await original<typeof import('snappy')>()),
  uncompressSync: () => new Uint8Array(100),
}));

test('F4: what is decompressed has the length that was declared, whatever the library gives', () => {
  expect(decompress(compress(new Uint8Array(100)), 200)).toHaveLength(100);
  for (const bytes of [0, 99, 101])
    expect(() => decompress(compress(new Uint8Array(bytes)), 200)).toThrow(
      expect.objectContaining({ fault: 'malformedSnappy' }),
    );
});
