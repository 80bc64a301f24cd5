/** What a scene is. The tables of scenes are next to this file, one for each kind of ending. */
import { ECIES_OVERHEAD_BYTES, encrypt } from '../io/crypto/ecies.ts';
import { fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import type { Guest, Script, Stage } from './stage.ts';

export type Scene = {
  /** What goes on there until it has happened. */
  readonly play: Script;
  /** No other scene begins for so long, in ms: those would be in the way of each other. */
  readonly aloneMs?: number;
};

/** What a guest does when it is as far as the scene wants it. */
export type Act = (guest: Guest, stage: Stage) => unknown;

/** Any plaintext in a handshake packet that the node can decrypt. */
export async function sealedFor(
  { observed, random }: Pick<Stage, 'observed' | 'random'>,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const size = new Uint8Array(2);
  new DataView(size.buffer).setUint16(0, plaintext.length + ECIES_OVERHEAD_BYTES);
  const { publicKey } = observed.node.key;
  const sealed = await encrypt(publicKey, plaintext, size, {
    random: random.bytes,
    primitives: fastPrimitives,
  });
  return Buffer.concat([size, sealed]);
}
