/** What the tests of `io/wire` share: the shape of a fault, and the promise every decoder makes. */
import fc from 'fast-check';
import { expect } from 'vitest';

import { WireError, type WireFault } from '../../src/io/wire/error.ts';
import { encodeRlp, type RlpInput } from '../../src/io/wire/rlp.ts';

/** For `toThrow`: a WireError by the name of its fault. */
export const fault = (name: WireFault) =>
  expect.objectContaining({ name: 'WireError', fault: name });

/** Canonical RLP of any small tree. */
export const rlpBytes: fc.Arbitrary<Uint8Array> = fc
  .letrec<{ item: RlpInput }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 6 },
      fc.uint8Array({ maxLength: 70 }),
      fc.array(tie('item'), { maxLength: 8 }),
    ),
  }))
  .item.map(encodeRlp);

/** Noise, RLP, and RLP with one byte changed or an end cut off: most of it gets past the first check. */
export const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  rlpBytes,
  fc
    .tuple(rlpBytes, fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte)),
  fc.tuple(rlpBytes, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length)),
);

/** Any bytes are a value or one of these faults. */
export function expectDecodesOrFaults(
  decode: (bytes: Uint8Array) => unknown,
  faults: readonly WireFault[],
  bytes: fc.Arbitrary<Uint8Array> = hostileBytes,
): void {
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        decode(input);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        expect(faults).toContain((error as WireError).fault);
      }
    }),
    { numRuns: 1000 },
  );
}
