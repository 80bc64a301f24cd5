/**
 * A discovery node that gets one datagram after another: whatever comes, nothing is thrown, and a ping after it is
 * answered. The first byte says who signs the rest, if anybody; the second which requests of the node wait meanwhile.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { MAX_PACKET_BYTES } from '../../src/io/crypto/discv4-packet.ts';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import { chosenPrimitives, hex, loadVectors } from '../support/crypto.ts';
import { MemoryNet, Sender, START_MS, startNode } from '../support/discv4-net.ts';
import { demand, type Target } from './target.ts';

type Vectors = { readonly valid: readonly { readonly packet: string }[] };

const HEAD_BYTES = 97;
const FROM = { host: '46.0.0.1', port: 30303 };

/** Most vectors expire some minutes after this time of 2006. */
const VECTORS_MS = 1_136_239_000_000;

export const discv4Node: Target = {
  name: 'discv4-node',
  maxBytes: MAX_PACKET_BYTES + 20,
  words: [1, 2, 3, 4, 5, 6].map((type) => Uint8Array.of(type)),
  seeds: () =>
    loadVectors<Vectors>('discv4-packets.json').valid.flatMap(({ packet }) => [
      concatBytes(Uint8Array.of(0, 0), hex(packet)),
      concatBytes(Uint8Array.of(1, 7), hex(packet).subarray(HEAD_BYTES)),
      concatBytes(Uint8Array.of(2, 7), hex(packet).subarray(HEAD_BYTES)),
    ]),
  run(input, watch) {
    const [signer = 0, waiting = 0] = input;
    const net = new MemoryNet();
    net.clockErrorMs = VECTORS_MS - START_MS;
    const us = startNode(net);
    const them = new Sender(net);
    const other = new Sender(net, { at: { host: '46.0.0.2', port: 30303 }, number: 3 });
    if (signer !== 0) them.bond(us);
    if ((waiting & 1) !== 0) us.discv4.ping(them.node, () => {});
    if ((waiting & 2) !== 0) us.discv4.findNode(them.node, 'ab'.repeat(64), () => {});
    if ((waiting & 4) !== 0) us.discv4.requestRecord(them.node, () => {});
    const key = signer === 0 ? null : (signer === 1 ? them : other).key;
    const bytes = datagram(input.subarray(2), key);
    watch.begin();
    us.discv4.receive({ bytes, from: FROM });
    net.clock.advance(1_000);
    watch.end();
    other.received.length = 0;
    other.ping(us);
    net.clock.advance(100);
    demand(us.faults.length === 0, 'no mistake of ours');
    demand(other.types().includes('pong'), 'a ping is answered after it');
    demand(us.discv4.stats().requests <= 1, 'no request waits for longer than its time');
    us.discv4.close();
    return null;
  },
};

/** With a hash, and a signature if there is a key. */
function datagram(content: Uint8Array, key: NodeKey | null): Uint8Array {
  if (key === null) return content;
  const { keccak256 } = chosenPrimitives;
  const body = concatBytes(key.sign(keccak256(content)), content);
  return concatBytes(keccak256(body), body);
}
