/** The type of scenes. The tables of scenes are the `scenes-*.ts` files, one for each kind of ending. */
import { ECIES_OVERHEAD_BYTES, encrypt } from '../io/crypto/ecies.ts';
import { fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import type { RemoteConnection, SceneContext, SceneScript } from './scene-context.ts';

export type Scene = {
  /** Produces the occurrence. */
  readonly run: SceneScript;
  /** No other scene starts during this time, in ms, because it would interfere. */
  readonly exclusiveMs?: number;
};

/** What the remote side does when the connection has reached the state that the scene needs. */
export type SceneStep = (connection: RemoteConnection, context: SceneContext) => unknown;

/** A handshake packet with any plaintext, encrypted for the demo node. */
export async function encryptForNode(
  { demoNode, random }: Pick<SceneContext, 'demoNode' | 'random'>,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const size = new Uint8Array(2);
  new DataView(size.buffer).setUint16(0, plaintext.length + ECIES_OVERHEAD_BYTES);
  const { publicKey } = demoNode.node.key;
  const sealed = await encrypt(publicKey, plaintext, size, {
    random: random.bytes,
    primitives: fastPrimitives,
  });
  return Buffer.concat([size, sealed]);
}
