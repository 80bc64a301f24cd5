/** W-rows of the security table: whatever a viewer is sent, no key and no secret of a session is in it. */
import { expect, test } from 'vitest';
import { Lifecycle } from '../../../src/actors/lifecycle.ts';
import type { ServerEvent } from '../../../src/api/server-events.ts';
import { endingOf } from '../../../src/inspect/recorder/endings.ts';
import { Recorder } from '../../../src/inspect/recorder/recorder.ts';
import { ServerViews } from '../../../src/inspect/recorder/views.ts';
import {
  noblePrimitives,
  type Primitives,
  type Random,
} from '../../../src/io/crypto/primitives.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { seededRandom, toHex } from '../../support/crypto.ts';
import { ABOUT } from '../../support/inspected-actors.ts';
import { enodeOf, keyOf, type Member, World } from '../../support/world.ts';

const NO_EFFORT = { ms: 0, bytesIn: 0, bytesOut: 0 };

/** Every key that passes, copied before its owner wipes it. */
class Canaries {
  readonly secrets = new Map<string, Uint8Array>();

  note = <Bytes extends Uint8Array>(secret: Bytes): Bytes => {
    if (secret.length >= 16) this.secrets.set(toHex(secret), new Uint8Array(secret));
    return secret;
  };

  readonly primitives: Primitives = {
    ...noblePrimitives,
    ecdh: async (secret, point) => this.note(await noblePrimitives.ecdh(this.note(secret), point)),
    sign: (hash, secret) => noblePrimitives.sign(hash, this.note(secret)),
    hmacSha256: (key, ...parts) => noblePrimitives.hmacSha256(this.note(key), ...parts),
    aes128Ctr: (key, iv, data) => noblePrimitives.aes128Ctr(this.note(key), iv, data),
    aes256CtrStream: (key) => noblePrimitives.aes256CtrStream(this.note(key)),
    aes256Block: (key) => noblePrimitives.aes256Block(this.note(key)),
  };

  /** Ephemeral keys and nonces. */
  random(seed: string): Random {
    const random = seededRandom(seed);
    return (bytes) => this.note(random(bytes));
  }

  /** Secrets that this text has in it, in any form in which JSON or people write bytes. */
  in(text: string): string[] {
    const small = text.toLowerCase();
    return [...this.secrets].flatMap(([hex, secret]) => {
      const forms = [
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
        Buffer.from(secret).toString('base64url'),
        [...secret.subarray(0, 8)].join(','),
        JSON.stringify(secret.subarray(0, 8)).slice(1, -1),
      ];
      return small.includes(hex) || forms.some((form) => text.includes(form)) ? [hex] : [];
    });
  }
}

function lookAt(
  world: World,
  { recorder }: { readonly recorder: Recorder },
  a: Member,
): () => string {
  const views = new ServerViews({
    server: a.server,
    clock: world.clock,
    statsOf: () => NO_EFFORT,
    slotHolders: () => new Map(),
    discoveryOf: () => ({ bootnodes: 0, stats: null }),
    loopDelay: () => 0,
    onPhase: () => recorder.expireViews(),
  });
  recorder.setViews(() => views.read());
  for (const type of ['drop', 'ended', 'dialFailed'] as const)
    a.server.on(type, (event) => recorder.addEnding(endingOf(event as ServerEvent)!));
  const viewer = recorder.open({ actions: true });
  return () => {
    viewer.focus([1, 2, 3, 4]);
    const first = JSON.stringify(viewer.next(10));
    viewer.focus([5, 6, 7, 8]);
    return first + JSON.stringify(viewer.next(10));
  };
}

test('W: no frame contains a key, from the handshake to the Disconnect', async () => {
  const world = new World();
  const canaries = new Canaries();
  canaries.note(new Uint8Array(32).fill(1)); // the node key of a
  const recorder = new Recorder({ clock: world.clock, about: ABOUT });
  const lifecycle = new Lifecycle(recorder);
  const ports = { primitives: canaries.primitives, random: canaries.random('canary') };
  const a = world.add(1, {
    protocols: [echo({ say: 'hello' })],
    ports,
    inspect: (event) => {
      world.inspect(event);
      lifecycle.onEvent(event);
    },
  });
  const b = world.add(2, { protocols: [echo()], ports });
  const c = world.add(3, { maxPeers: 0, ports });
  const read = lookAt(world, { recorder }, a);
  let frames = read();
  await world.start(a, b, c);
  a.server.addPeer(b.enode);
  a.server.addPeer(c.enode);
  a.server.addPeer(enodeOf(9)); // no host has this address
  await world.settle();
  frames += read();
  await world.advance(30_000);
  b.server.peers[0]!.disconnect();
  await world.advance(3_000);
  frames += read();
  await world.end();
  frames += read();
  frames += JSON.stringify(recorder.open({ actions: false }).next(10));

  expect(canaries.secrets.size).toBeGreaterThan(20);
  expect(canaries.in(frames)).toEqual([]);
  for (const shown of [keyOf(2).id, '"drop"', '"ended"', '"dialFailed"', 'echo/1'])
    expect(frames).toContain(shown);
});

test('the search finds a secret in every form', () => {
  const canaries = new Canaries();
  const secret = canaries.note(seededRandom('found')(32));
  const forms = [
    JSON.stringify({ secret: [...secret] }),
    JSON.stringify({ secret }),
    JSON.stringify({ secret: Buffer.from(secret) }),
    toHex(secret).toUpperCase(),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
  for (const form of forms) expect(canaries.in(form)).toEqual([toHex(secret)]);
  expect(canaries.in(toHex(seededRandom('another')(32)))).toEqual([]);
});
