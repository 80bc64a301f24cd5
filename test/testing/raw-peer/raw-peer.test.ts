import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import { generateNodeKey } from '../../../src/io/crypto/node-key.ts';
import { systemRandom } from '../../../src/io/crypto/primitives.ts';
import { DISCONNECT, HELLO, PING } from '../../../src/io/wire/base-message.ts';
import { decodeHello, encodeHello } from '../../../src/io/wire/hello.ts';
import { decompress } from '../../../src/io/wire/snappy.ts';
import {
  MAX_UNREAD_BYTES,
  MAX_UNREAD_FRAMES,
  rawPeer,
} from '../../../src/testing/raw-peer/raw-peer.ts';
import { RawPeerError } from '../../../src/testing/raw-peer/raw-peer-error.ts';
import { toHex } from '../../support/crypto.ts';
import { alice, bob } from '../../support/handshake.ts';
import { helloOf } from '../../support/links.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { newRawPeer } from '../../support/raw-peer.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

/** Alice dials bob; the test drives both. */
function two() {
  const pair = memoryPair();
  const clock = new StepClock();
  const a = newRawPeer(pair.a, alice, clock);
  const b = newRawPeer(pair.b, bob, clock);
  return { pair, clock, a, b };
}

async function joined() {
  const at = two();
  await Promise.all([at.a.dial(bob.publicKey), at.b.answer()]);
  return at;
}

describe('a handshake', () => {
  test.for(['eip8', 'legacy'] as const)('succeeds in both roles, %s', async (format) => {
    const { a, b } = two();
    await Promise.all([a.dial(bob.publicKey, { format }), b.answer()]);
    a.send(5, Uint8Array.of(1));
    b.send(6, Uint8Array.of(2));
    expect(await b.next()).toMatchObject({ code: 5, payload: Uint8Array.of(1) });
    expect(await a.next()).toMatchObject({ code: 6, payload: Uint8Array.of(2) });
  });

  test('needs nothing but a stream, a key and randomness', async () => {
    const pair = memoryPair();
    const [key, other] = [generateNodeKey(), generateNodeKey()];
    const a = rawPeer({ stream: pair.a, key, random: systemRandom });
    const b = rawPeer({ stream: pair.b, key: other, random: systemRandom });
    await Promise.all([a.dial(other.publicKey, { withinMs: 60_000 }), b.answer()]);
    a.send(5, Uint8Array.of(1));
    expect((await b.next({ withinMs: 60_000 })).code).toBe(5);
  });

  test('can be answered long after the auth arrived', async () => {
    const { a, b } = two();
    const dialled = a.dial(bob.publicKey);
    await turns();
    expect(b.received.bytes).toBeGreaterThan(300);
    await b.answer();
    await dialled;
  });

  test('writes the ack and what afterAck sends together', async () => {
    const { a, b } = two();
    const chunks: Uint8Array[] = [];
    a.stream.duplex.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    await Promise.all([
      a.dial(bob.publicKey),
      b.answer({ afterAck: () => b.sendHello(helloOf(bob)) }),
    ]);
    expect((await a.next()).code).toBe(HELLO);
    expect(chunks).toHaveLength(1);
  });

  test('times out in either role', async () => {
    const { clock, a, b } = two();
    const waiting = [a, b].map((peer, i) => {
      const patience = { withinMs: 5_000 };
      return i === 0 ? peer.dial(alice.publicKey, patience) : peer.answer(patience);
    });
    const ends = Promise.allSettled(waiting);
    await turns();
    clock.advance(4_999);
    await turns();
    expect(clock.pending).toBe(1); // bob cannot decrypt an auth for alice
    clock.advance(1);
    expect(await ends).toMatchObject([
      { reason: { name: 'RawPeerError', code: 'timeout' } },
      { reason: { name: 'WireError', fault: 'undecryptable' } },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('rejects when the other side closes', async () => {
    const { a, b } = two();
    const dialled = a.dial(bob.publicKey);
    dialled.catch(() => {});
    await turns();
    b.close();
    await expect(dialled).rejects.toMatchObject({ code: 'closed' });
    expect(() => a.send(PING, Uint8Array.of())).toThrow(RawPeerError);
    expect(() => a.seal(PING, Uint8Array.of())).toThrow('a frame needs a handshake before it');
  });
});

describe('sending', () => {
  test('accepts any Hello, or bytes instead', async () => {
    const { a, b } = await joined();
    const claims = { ...helloOf(bob), version: 4, client: 'another client' };
    a.sendHello(claims);
    a.sendHello(Uint8Array.of(1, 2, 3));
    const [first, second] = [await b.next(), await b.next()];
    expect([first.code, decodeHello(first.payload)]).toEqual([HELLO, claims]);
    expect([second.code, second.payload]).toEqual([HELLO, Uint8Array.of(1, 2, 3)]);
  });

  test('compresses on request', async () => {
    const { a, b } = await joined();
    a.sendCompressed(0x10, new Uint8Array(1_000));
    const { payload } = await b.next();
    expect(payload.length).toBeLessThan(100);
    expect(decompress(payload, 1_000)).toEqual(new Uint8Array(1_000));
  });

  test('sends a Disconnect in any form, plain or compressed', async () => {
    const { a, b } = await joined();
    a.sendDisconnect('tooManyPeers');
    a.sendDisconnect(4, 'compressed', 'integer');
    const [plain, packed] = [await b.next(), await b.next()];
    expect([plain.code, toHex(plain.payload)]).toEqual([DISCONNECT, 'c104']);
    expect([packed.code, toHex(decompress(packed.payload, 9))]).toEqual([DISCONNECT, '04']);
  });

  test('writes any bytes, and the receiver detects an altered frame', async () => {
    const { a, b } = await joined();
    const frame = a.seal(PING, Uint8Array.of(0xc0));
    a.write(frame.with(0, frame[0]! ^ 1));
    await expect(b.next()).rejects.toMatchObject({ fault: 'badHeaderMac' });
    await expect(b.next()).rejects.toMatchObject({ fault: 'badHeaderMac' });
  });
});

describe('receiving', () => {
  test('queues frames in order', async () => {
    const { a, b } = await joined();
    const whole = concatBytes(
      ...[7, 8, 9].map((code) => a.seal(code, encodeHello(helloOf(alice)))),
    );
    for (const byte of whole) a.write(Uint8Array.of(byte));
    expect((await b.next()).code).toBe(7);
    await turns(whole.length);
    expect(b.unreadFrames.map(({ code }) => code)).toEqual([8, 9]);
    expect((await b.next()).code).toBe(8);
    expect(b.unreadFrames).toHaveLength(1);
  });

  test('waits as long as the limit', async () => {
    const { clock, a, b } = await joined();
    const late = b.next({ withinMs: 100 });
    late.catch(() => {});
    clock.advance(99);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await expect(late).rejects.toMatchObject({
      code: 'timeout',
      message: 'nothing arrived within 100 ms',
    });
    const inTime = b.next({ withinMs: 100 });
    a.send(5, Uint8Array.of());
    expect((await inTime).code).toBe(5);
    expect(clock.pending).toBe(0);
  });

  test('allows one waiting call', async () => {
    const { a, b } = await joined();
    const first = b.next();
    expect(() => b.next()).toThrow(TypeError);
    a.send(5, Uint8Array.of());
    expect((await first).code).toBe(5);
  });

  test('keeps received frames after the stream closed', async () => {
    const { a, b } = await joined();
    a.send(5, Uint8Array.of());
    a.close();
    await turns();
    expect(b.received.isEnded).toBe(true);
    expect((await b.next()).code).toBe(5);
    await expect(b.next()).rejects.toMatchObject({ code: 'closed' });
  });

  test('rejects the waiting call when the stream closes', async () => {
    const { a, b } = await joined();
    const waiting = b.next();
    waiting.catch(() => {});
    a.reset();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    expect(b.received.isEnded).toBe(false);
  });

  test('pauses at the limit of unread frames', async () => {
    const { a, b, pair } = await joined();
    const FRAMES = 3 * MAX_UNREAD_FRAMES;
    for (let i = 0; i < FRAMES; i += 1) a.send(5, new Uint8Array(16));
    await turns(200);
    expect(b.unreadFrames).toHaveLength(MAX_UNREAD_FRAMES);
    expect(b.stream.duplex.isPaused()).toBe(true);
    expect(pair.delivered.aToB).toBeLessThan(FRAMES * 72);
    for (let i = 0; i < FRAMES; i += 1) expect((await b.next()).code).toBe(5);
    expect(b.unreadFrames).toHaveLength(0);
  });

  test('pauses at the limit of unread bytes', async () => {
    const { a, b } = await joined();
    const half = new Uint8Array(MAX_UNREAD_BYTES / 2);
    for (const payload of [half, half, Uint8Array.of(1)]) a.send(5, payload);
    await turns(1_000);
    expect(b.unreadFrames).toHaveLength(2);
    for (const { length } of [half, half, [1]])
      expect((await b.next()).payload).toHaveLength(length);
  });

  test('pauses at a lower limit before the handshake', async () => {
    const { a, b, pair } = two();
    for (let i = 0; i < 40; i += 1) a.write(new Uint8Array(64 * 1024));
    await turns(200);
    expect(b.stream.duplex.isPaused()).toBe(true);
    expect(pair.delivered.aToB).toBeLessThan(512 * 1024);
    const answered = b.answer();
    await expect(answered).rejects.toMatchObject({ fault: 'handshakeSizeOutOfRange' });
  });
});

describe('closing', () => {
  test('the other side sees a FIN or a reset', async () => {
    for (const [leave, error] of [
      ['close', null],
      ['reset', 'ECONNRESET'],
    ] as const) {
      const { a, b } = await joined();
      let seen: string | null = null;
      b.stream.duplex.on('error', ({ code }: NodeJS.ErrnoException) => {
        seen = code ?? null;
      });
      a[leave]();
      await turns();
      expect([seen, b.stream.duplex.destroyed]).toEqual([error, true]);
    }
  });

  test('a stream that cannot be reset is closed', async () => {
    const { a, b } = await joined();
    Object.assign(a.stream.duplex, { resetAndDestroy: undefined });
    a.reset();
    await turns();
    expect([a.stream.duplex.destroyed, b.received.isEnded]).toEqual([true, true]);
  });
});
