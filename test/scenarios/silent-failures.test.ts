/** All failures before the session keys look alike from outside: no byte is sent, and the socket is closed. */
import { describe, expect, test } from 'vitest';

import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import { encodeAuthBody } from '../../src/io/wire/handshake-message.ts';
import { hex, type InvalidPoints, loadVectors } from '../support/crypto.ts';
import { honestAuthBody, sealFor } from '../support/handshake.ts';
import { connectOnly } from '../support/raw-peer-in-world.ts';
import { storyOf, World } from '../support/world.ts';

const { small_order } = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');
const offCurve = hex(small_order[0]!.point);

/** Enough of a plaintext to be an auth by its size. */
const NONSENSE = new Uint8Array(200);

describe('§2: an auth', () => {
  const cases: readonly Case[] = [
    [
      'of a size that none has',
      'handshakeSizeOutOfRange',
      () => Promise.resolve(Uint8Array.of(0xff, 0xff)),
    ],
    [
      'whose point is on another curve',
      'invalidPublicKey',
      async (to) => changed(await sealFor(to, NONSENSE, 'eip8'), 2, offCurve),
    ],
    [
      'with another tag',
      'undecryptable',
      async (to) => {
        const packet = await sealFor(to, NONSENSE, 'eip8');
        return changed(packet, packet.length - 1, Uint8Array.of(packet.at(-1)! ^ 1));
      },
    ],
    ['that decrypts to nonsense', 'malformedHandshake', (to) => sealFor(to, NONSENSE, 'eip8')],
    [
      'of a key on another curve',
      'invalidPublicKey',
      async (to) => {
        const body = { ...(await honestAuthBody()), initiatorPublicKey: offCurve.subarray(1) };
        return sealFor(to, encodeAuthBody(body), 'eip8');
      },
    ],
    [
      'whose signature recovers no key',
      'unrecoverableSignature',
      async (to) => {
        const body = { ...(await honestAuthBody()), signature: new Uint8Array(65) };
        return sealFor(to, encodeAuthBody(body), 'eip8');
      },
    ],
  ];

  test.for(cases)('%s gets no answer', async ([, state, make]) => {
    const world = new World();
    const hub = world.add(1);
    await world.start(hub);
    const guest = connectOnly(world, hub, 2);
    guest.write(await make(hub.key));
    await world.settle();
    expect(storyOf(hub)).toEqual([`ended failed.${state}`]);
    expect(guest.received).toEqual({ bytes: 0, isEnded: true });
    expect(guest.stream.duplex.destroyed).toBe(true);
    await world.end();
  });
});

type Case = [what: string, state: string, make: (to: NodeKey) => Promise<Uint8Array>];

function changed(packet: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  packet.set(bytes, at);
  return packet;
}
