/** Every set of primitives, for suites that must pass with each; noble is the oracle of the others. */
import { type PrimitiveSetName, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { noblePrimitives, type Primitives } from '../../src/io/crypto/primitives.ts';

const setNamed = (set: PrimitiveSetName): readonly [string, Primitives] => [
  `${set} primitives`,
  primitivesOf(set).primitives,
];

export const EVERY_SET: readonly (readonly [name: string, primitives: Primitives])[] = [
  ['noble', noblePrimitives],
  setNamed('default'),
  setNamed('node'),
  setNamed('portable'),
];

/** No prebuilt binding for this platform, or the optional package is not installed. */
export const isNativeMissing = primitivesOf('default').inUse.curve !== 'libsecp256k1';
