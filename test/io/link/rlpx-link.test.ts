import { describe, expect, test } from 'vitest';

import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { DISCONNECT, HELLO, PING } from '../../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../../src/io/wire/disconnect.ts';
import { encodeHello } from '../../../src/io/wire/hello.ts';
import { compress } from '../../../src/io/wire/snappy.ts';
import { hex } from '../../support/crypto.ts';
import { alice, bob } from '../../support/handshake.ts';
import {
  agreeOnKeys,
  agreeWithRaw,
  ECHO,
  exchangeHellos,
  helloOf,
  newLinks,
  newSide,
  newWithRaw,
  routeWithRaw,
} from '../../support/links.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { newRawPeer } from '../../support/raw-peer.ts';
import { turns } from '../../support/turn.ts';

const aliceIs = { publicKey: publicKeyHex(alice.publicKey), id: alice.id };
const bobIs = { publicKey: publicKeyHex(bob.publicKey), id: bob.id };

describe('the enc handshake', () => {
  for (const [format, legacyHandshake] of [
    ['EIP-8', false],
    ['the older format', true],
  ] as const)
    test(`of two links in ${format} proves each to the other`, async () => {
      const linked = newLinks({ legacyHandshake });
      await agreeOnKeys(linked);
      expect(linked.alice.reports.all).toEqual([
        { type: 'auth.sent' },
        { type: 'ack.received', ...bobIs },
      ]);
      expect(linked.bob.reports.all).toEqual([
        { type: 'auth.queued' },
        { type: 'auth.received', ...aliceIs },
        { type: 'ack.sent' },
      ]);
    });

  test('byte by byte is the same handshake', async () => {
    const linked = newLinks({}, { chunkBytes: 1 });
    await agreeOnKeys(linked);
    await exchangeHellos(linked);
    expect(linked.bob.reports.types).toEqual([
      'auth.queued',
      'auth.received',
      'ack.sent',
      'hello.received',
    ]);
  });

  test('in the older format is rejected unless it is enabled', async () => {
    const { a, b, delivered } = memoryPair();
    const side = newSide(b, bob);
    side.tell('await.auth');
    newRawPeer(a, alice)
      .dial(bob.publicKey, { format: 'legacy' })
      .catch(() => {}); // no answer comes
    await turns();
    expect(delivered.aToB).toBe(307);
    expect(side.reports.all).toEqual([]); // its point looks like a size, so more is waited for
  });

  test('no step happens without a command', async () => {
    const { alice: dialler, bob: recipient, pair } = newLinks();
    await turns();
    dialler.tell('send.auth');
    await dialler.reports.next('auth.sent');
    await turns();
    expect(pair.delivered).toEqual({ aToB: expect.any(Number), bToA: 0 });
    expect([dialler.reports.types, recipient.reports.types]).toEqual([['auth.sent'], []]);
  });

  for (const [what, bytes, fault] of [
    ['a size that none has', 'ffff', 'handshakeSizeOutOfRange'],
    ['a packet that was not made for us', `00c0${'04'.repeat(0xc0)}`, 'invalidPublicKey'],
  ] as const)
    test(`${what} is their fault`, async () => {
      const { a, b } = memoryPair();
      const side = newSide(b, bob);
      side.tell('await.auth');
      a.duplex.write(hex(bytes));
      expect(await side.reports.next('link.garbled')).toMatchObject({ fault });
      expect(side.faults).toEqual([]);
    });
});

describe('Hello', () => {
  test('ProtocolHandshake: is exchanged by two links', async () => {
    const linked = newLinks();
    await agreeOnKeys(linked);
    await exchangeHellos(linked);
    expect(linked.alice.reports.of('hello.received')).toMatchObject([{ hello: helloOf(bob) }]);
    expect(linked.bob.reports.of('hello.received')[0]?.hello.publicKey).toBe(aliceIs.publicKey);
  });

  test('is sent plain', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('send.hello');
    expect(await peer.next()).toMatchObject({ code: HELLO, payload: encodeHello(helloOf(alice)) });
  });

  test('may come in one piece with the ack', async () => {
    const { side, peer } = newWithRaw();
    side.tell('send.auth', 'await.ack');
    await peer.answer({ afterAck: () => peer.sendHello(helloOf(bob)) });
    await side.reports.next('ack.received');
    side.tell('await.hello');
    expect(await side.reports.next('hello.received')).toBeDefined();
  });

  for (const [version, packed] of [
    [4, (payload: Uint8Array) => payload],
    [5, compress],
    [99, compress],
  ] as const)
    test(`ReadWriteMsg: of version ${version} decides how what follows is packed`, async () => {
      const { side, peer, port } = await routeWithRaw(version);
      side.tell('send.ping');
      expect(await peer.next()).toMatchObject({ code: PING, payload: packed(hex('c0')) });
      peer.send(0x11, packed(hex('c3010203')));
      const { value } = await port[Symbol.asyncIterator]().next();
      expect(value).toEqual({ code: 1, payload: hex('c3010203') });
    });

  test('leaves the bytes after Hello to the routing', async () => {
    const { side, peer, pair } = await agreeWithRaw();
    side.tell('send.hello', 'await.hello');
    peer.sendHello(helloOf(bob));
    peer.sendCompressed(0x3f, hex('c0'));
    await side.reports.next('hello.received');
    await turns();
    expect(side.reports.types.at(-1)).toBe('hello.received');
    side.link.openPorts([]);
    side.tell('start.routing');
    expect(await side.reports.next('message.unroutable')).toMatchObject({ code: 0x3f });
    expect(pair.delivered.bToA).toBeGreaterThan(0);
  });
});

describe('F1: the first message', () => {
  test('may have 2,048 bytes beside its id', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    peer.send(HELLO, new Uint8Array(2048));
    // read, and then no good as a Hello
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'malformedHello' });
  });

  test('ProtocolHandshakeErrors: with one byte more is refused by its header', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    peer.write(peer.seal(HELLO, new Uint8Array(2049)).subarray(0, 32));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'frameTooBig' });
  });

  test('has a limit of its own: a peer may send more', async () => {
    const { peer, port } = await routeWithRaw(4);
    peer.send(0x10, new Uint8Array(1_000_000));
    const { value } = await port[Symbol.asyncIterator]().next();
    expect(value.payload).toHaveLength(1_000_000);
  });

  test('F2: but not more than its protocols can: that is refused by its header as well', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('send.hello', 'await.hello');
    peer.sendHello(helloOf(bob));
    await side.reports.next('hello.received');
    side.link.openPorts([{ ...ECHO, maxMessageBytes: 10_000 }]);
    side.tell('start.routing');
    peer.write(peer.seal(0x10, new Uint8Array(20_000)).subarray(0, 32));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'frameTooBig' });
  });

  test('may be a Disconnect, which is plain', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    peer.send(DISCONNECT, encodeDisconnect('tooManyPeers'));
    expect(await side.reports.next('disconnect.received')).toEqual({
      type: 'disconnect.received',
      reason: 'tooManyPeers',
      code: 4,
    });
  });

  for (const code of [PING, 3, 0x10, 0xffff])
    test(`ProtocolHandshakeErrors, P4: may not be 0x${code.toString(16)}`, async () => {
      const { side, peer } = await agreeWithRaw();
      side.tell('await.hello');
      peer.send(code, hex('c0'));
      expect(await side.reports.next('message.unexpected')).toMatchObject({ code });
    });

  test('F7: with one bit flipped is garbled', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    const frame = peer.seal(HELLO, encodeHello(helloOf(bob)));
    peer.write(frame.with(40, frame[40]! ^ 1));
    expect(await side.reports.next('link.garbled')).toMatchObject({ fault: 'badFrameMac' });
  });

  test('is the only one: nothing more is read, or reported', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    for (const _ of [1, 2, 3]) peer.send(PING, hex('c0'));
    await turns();
    expect(side.reports.types.filter((type) => type === 'message.unexpected')).toHaveLength(1);
  });
});
