/** A raw peer whose draws and multiplications are the same each time, so that suites stay fast. */

import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import { type RawPeer, rawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { seededRandom } from './crypto.ts';
import { primitives } from './handshake.ts';

/** @param earlier Connections before this one: a server refuses the same auth a second time. */
export const newRawPeer = (
  stream: ByteStream,
  key: NodeKey,
  clock?: Clock,
  earlier = 0,
): RawPeer => {
  const random = seededRandom(earlier === 0 ? key.id : `${key.id} after ${earlier}`);
  return rawPeer({ stream, key, primitives, random, ...(clock && { clock }) });
};
