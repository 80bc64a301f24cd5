/** Raw peers in a world: remotes without a server that connect to one, or are dialled, and are driven by a test. */

import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import type { Hello } from '../../src/io/wire/hello.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { newRawPeer } from './raw-peer.ts';
import { keyOf, type Member, type World } from './world.ts';

/** The default Hello of the remote of this seed: it speaks the protocol of `echo()`. */
export function helloOf(seed: number, changes: Partial<Hello> = {}): Hello {
  return {
    version: 5,
    client: `raw/${seed}`,
    capabilities: [{ name: 'echo', version: 1 }],
    listenPort: 0,
    publicKey: publicKeyHex(keyOf(seed).publicKey),
    ...changes,
  };
}

/** A remote that has connected, before its first byte. */
export function connectOnly({ network }: World, { server }: Member, seed: number, from?: Endpoint) {
  const connection = network.connect(server.self.address!, from)!;
  const earlier = network.connections.length - 1;
  return newRawPeer(connection.a, keyOf(seed), undefined, earlier);
}

/** A remote that has connected and has a session. */
export async function call(
  world: World,
  member: Member,
  seed: number,
  from?: Endpoint,
): Promise<RawPeer> {
  const guest = connectOnly(world, member, seed, from);
  await guest.dial(member.key.publicKey);
  await world.settle();
  return guest;
}

/** A remote that called and said Hello: it is a peer, unless the server does not want it. */
export async function join(
  world: World,
  member: Member,
  seed: number,
  changes?: Partial<Hello>,
  from?: Endpoint,
): Promise<RawPeer> {
  const guest = await call(world, member, seed, from);
  guest.sendHello(helloOf(seed, changes));
  await world.settle();
  return guest;
}

/** A remote that listens at `enodeOf(seed)` and answers the handshake of each dial. */
export function host({ network }: World, seed: number): { readonly guests: readonly RawPeer[] } {
  const guests: RawPeer[] = [];
  network.attach({ host: '192.0.2.1', port: 30_000 + seed }, (stream) => {
    const guest = newRawPeer(stream, keyOf(seed));
    guests.push(guest);
    guest.answer().catch(() => {}); // the dialling side may close early
  });
  return { guests };
}

/** Message codes that came and were not taken, in order. */
export const codesOf = ({ unreadFrames }: RawPeer): number[] =>
  unreadFrames.map(({ code }) => code);

/** The Disconnect that came last, as the bytes of its payload; null when the last thing was another one. */
export function disconnectOf({ unreadFrames }: RawPeer): Uint8Array | null {
  const last = unreadFrames.at(-1);
  return last?.code === DISCONNECT ? last.payload : null;
}
