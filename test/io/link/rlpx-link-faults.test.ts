import { describe, expect, test } from 'vitest';
import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import type { LinkCommand } from '../../../src/io/link/link-events.ts';
import { DISCONNECT, PING } from '../../../src/io/wire/base-message.ts';
import { hex } from '../../support/crypto.ts';
import { alice, bob, keys, primitives } from '../../support/handshake.ts';
import {
  agreeOnKeys,
  agreeWithRaw,
  newLinks,
  newSide,
  newWithRaw,
  routeWithRaw,
} from '../../support/links.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { turns } from '../../support/turn.ts';

describe('a step out of order throws a TypeError', () => {
  const early: readonly (readonly [string, readonly LinkCommand['type'][]])[] = [
    ['an ack without an auth', ['send.ack']],
    ['a Hello without a session', ['send.hello']],
    ['to await a Hello without a session', ['await.hello']],
    ['a ping without a session', ['send.ping']],
    ['to route without ports', ['start.routing']],
  ];
  for (const [what, commands] of early)
    test(`${what}`, async () => {
      const { side, peer } = newWithRaw();
      side.tell(...commands);
      expect(await side.reports.next('link.faulted')).toMatchObject({
        message: expect.stringContaining('TypeError'),
      });
      expect(side.faults).toEqual([expect.any(TypeError)]);
      await turns();
      expect(peer.received.bytes).toBe(0);
    });

  test('an auth without a destination', async () => {
    const { a } = memoryPair();
    const side = newSide(a, alice);
    side.tell('send.auth');
    await side.reports.next('link.faulted');
    expect(side.faults).toEqual([expect.any(TypeError)]);
  });

  test('an ack that answers no auth of ours', async () => {
    const { side, peer } = newWithRaw();
    side.tell('await.ack');
    peer.write(hex(`00c8${'04'.repeat(0xc8)}`));
    await side.reports.next('link.faulted');
    expect(side.faults).toEqual([expect.any(TypeError)]);
  });

  test('to route without a session', async () => {
    const { side } = newWithRaw();
    side.link.openPorts([]);
    side.tell('start.routing');
    await side.reports.next('link.faulted');
    expect(side.faults).toEqual([expect.any(TypeError)]);
  });

  test('ends no other link', async () => {
    const [broken, sound] = [newLinks(), newLinks()];
    broken.alice.tell('send.ping');
    await agreeOnKeys(sound);
    expect(sound.alice.reports.types).toEqual(['auth.sent', 'ack.received']);
  });
});

describe('unacceptable bytes are reported as a fault of the remote', () => {
  test('an ack that we cannot decrypt', async () => {
    const { side, peer } = newWithRaw();
    side.tell('send.auth', 'await.ack');
    await side.reports.next('auth.sent');
    peer.write(hex(`00c8${'04'.repeat(0xc8)}`));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'invalidPublicKey' });
    expect(side.faults).toEqual([]);
  });

  test('an auth made for another node', async () => {
    const carol = createNodeKey(hex(keys.ephemeralKeyB), primitives);
    const { a, b } = memoryPair();
    const [dialler, recipient] = [
      newSide(a, alice, { destination: carol.publicKey }),
      newSide(b, bob),
    ];
    recipient.tell('await.auth');
    dialler.tell('send.auth');
    await recipient.reports.next('auth.queued');
    recipient.tell('process.auth');
    expect(await recipient.reports.next('link.garbled')).toMatchObject({ fault: 'undecryptable' });
    await turns();
    expect(dialler.reports.types).toEqual(['auth.sent']);
  });

  test('a frame that is none, of which nothing more is read', async () => {
    const { side, peer, pair } = await routeWithRaw();
    peer.write(new Uint8Array(64));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'badHeaderMac' });
    for (let i = 0; i < 64; i += 1) peer.write(new Uint8Array(16 * 1024));
    await turns();
    expect(pair.delivered.bToA).toBeLessThan(256 * 1024);
    expect(side.reports.types.filter((type) => type === 'link.garbled')).toHaveLength(1);
    expect(side.faults).toEqual([]);
  });

  test('a frame with one bit flipped, before its message is delivered', async () => {
    const { side, peer, port } = await routeWithRaw(4);
    const frame = peer.seal(0x10, new Uint8Array(64));
    peer.write(frame.with(70, frame[70]! ^ 0x80));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'badFrameMac' });
    const heard: unknown[] = [];
    void port[Symbol.asyncIterator]()
      .next()
      .then((message) => heard.push(message));
    await turns();
    expect(heard).toEqual([]);
  });

  test('F4: a payload that does not decompress', async () => {
    const { side, peer } = await routeWithRaw();
    peer.send(0x10, hex('ff'));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'malformedSnappy' });
  });

  test('P2: a ping that is too long', async () => {
    const { side, peer } = await routeWithRaw();
    peer.sendCompressed(PING, new Uint8Array(2049));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'messageTooBig' });
  });

  test('a Disconnect counts whatever its payload is', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    peer.send(DISCONNECT, hex('f8'));
    expect(await side.reports.next('disconnect.received')).toMatchObject({ code: null });
  });
});
