import { concatBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import { generateNodeKey } from '../../../src/io/crypto/node-key.ts';
import { systemRandom } from '../../../src/io/crypto/primitives.ts';
import { DISCONNECT, HELLO, PING } from '../../../src/io/wire/base-message.ts';
import { decodeHello, encodeHello } from '../../../src/io/wire/hello.ts';
import { decompress } from '../../../src/io/wire/snappy.ts';
import {
  MAX_UNTAKEN_BYTES,
  MAX_UNTAKEN_FRAMES,
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

/** Alice dials bob; both are driven by hand. */
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

describe('the handshake', () => {
  test.for(['eip8', 'legacy'] as const)('is made in both roles, %s', async (format) => {
    const { a, b } = two();
    await Promise.all([a.dial(bob.publicKey, { format }), b.answer()]);
    a.say(5, Uint8Array.of(1));
    b.say(6, Uint8Array.of(2));
    expect(await b.next()).toMatchObject({ code: 5, payload: Uint8Array.of(1) });
    expect(await a.next()).toMatchObject({ code: 6, payload: Uint8Array.of(2) });
  });

  test('needs nothing but a stream, a key and randomness', async () => {
    const pair = memoryPair();
    const [key, other] = [generateNodeKey(), generateNodeKey()];
    const a = rawPeer({ stream: pair.a, key, random: systemRandom });
    const b = rawPeer({ stream: pair.b, key: other, random: systemRandom });
    await Promise.all([a.dial(other.publicKey, { withinMs: 60_000 }), b.answer()]);
    a.say(5, Uint8Array.of(1));
    expect((await b.next({ withinMs: 60_000 })).code).toBe(5);
  });

  test('may be answered long after the auth came', async () => {
    const { a, b } = two();
    const dialled = a.dial(bob.publicKey);
    await turns();
    expect(b.heard.bytes).toBeGreaterThan(300);
    await b.answer();
    await dialled;
  });

  test('leaves in one piece with what is said behind the ack', async () => {
    const { a, b } = two();
    const chunks: Uint8Array[] = [];
    a.stream.duplex.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    await Promise.all([
      a.dial(bob.publicKey),
      b.answer({ behind: () => b.sayHello(helloOf(bob)) }),
    ]);
    expect((await a.next()).code).toBe(HELLO);
    expect(chunks).toHaveLength(1);
  });

  test('is given up in time, in either role', async () => {
    const { clock, a, b } = two();
    const waiting = [a, b].map((peer, i) => {
      const patience = { withinMs: 5_000 };
      return i === 0 ? peer.dial(alice.publicKey, patience) : peer.answer(patience);
    });
    const ends = Promise.allSettled(waiting);
    await turns();
    clock.advance(4_999);
    await turns();
    expect(clock.pending).toBe(1); // bob could not read what was meant for alice
    clock.advance(1);
    expect(await ends).toMatchObject([
      { reason: { name: 'RawPeerError', code: 'overdue' } },
      { reason: { name: 'WireError', fault: 'undecryptable' } },
    ]);
    expect(clock.pending).toBe(0);
  });

  test('that comes to nothing says so', async () => {
    const { a, b } = two();
    const dialled = a.dial(bob.publicKey);
    dialled.catch(() => {});
    await turns();
    b.close();
    await expect(dialled).rejects.toMatchObject({ code: 'gone' });
    expect(() => a.say(PING, Uint8Array.of())).toThrow(RawPeerError);
    expect(() => a.seal(PING, Uint8Array.of())).toThrow('a frame needs a handshake before it');
  });
});

describe('what it says', () => {
  test('is any Hello, or bytes in its place', async () => {
    const { a, b } = await joined();
    const claims = { ...helloOf(bob), version: 4, client: 'somebody else' };
    a.sayHello(claims);
    a.sayHello(Uint8Array.of(1, 2, 3));
    const [first, second] = [await b.next(), await b.next()];
    expect([first.code, decodeHello(first.payload)]).toEqual([HELLO, claims]);
    expect([second.code, second.payload]).toEqual([HELLO, Uint8Array.of(1, 2, 3)]);
  });

  test('is compressed when that is asked for', async () => {
    const { a, b } = await joined();
    a.sayPacked(0x10, new Uint8Array(1_000));
    const { payload } = await b.next();
    expect(payload.length).toBeLessThan(100);
    expect(decompress(payload, 1_000)).toEqual(new Uint8Array(1_000));
  });

  test('is a Disconnect in any form, plain or packed', async () => {
    const { a, b } = await joined();
    a.sayDisconnect('tooManyPeers');
    a.sayDisconnect(4, 'packed', 'integer');
    const [plain, packed] = [await b.next(), await b.next()];
    expect([plain.code, toHex(plain.payload)]).toEqual([DISCONNECT, 'c104']);
    expect([packed.code, toHex(decompress(packed.payload, 9))]).toEqual([DISCONNECT, '04']);
  });

  test('is any bytes, and a frame that was altered is heard as one', async () => {
    const { a, b } = await joined();
    const frame = a.seal(PING, Uint8Array.of(0xc0));
    a.write(frame.with(0, frame[0]! ^ 1));
    await expect(b.next()).rejects.toMatchObject({ fault: 'badHeaderMac' });
    await expect(b.next()).rejects.toMatchObject({ fault: 'badHeaderMac' });
  });
});

describe('what it hears', () => {
  test('waits to be taken, in order', async () => {
    const { a, b } = await joined();
    const whole = concatBytes(
      ...[7, 8, 9].map((code) => a.seal(code, encodeHello(helloOf(alice)))),
    );
    for (const byte of whole) a.write(Uint8Array.of(byte));
    expect((await b.next()).code).toBe(7);
    await turns(whole.length);
    expect(b.untaken.map(({ code }) => code)).toEqual([8, 9]);
    expect((await b.next()).code).toBe(8);
    expect(b.untaken).toHaveLength(1);
  });

  test('is awaited for so long and no longer', async () => {
    const { clock, a, b } = await joined();
    const late = b.next({ withinMs: 100 });
    late.catch(() => {});
    clock.advance(99);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await expect(late).rejects.toMatchObject({
      code: 'overdue',
      message: 'nothing came in 100 ms',
    });
    const inTime = b.next({ withinMs: 100 });
    a.say(5, Uint8Array.of());
    expect((await inTime).code).toBe(5);
    expect(clock.pending).toBe(0);
  });

  test('is for one who waits, and not for two', async () => {
    const { a, b } = await joined();
    const first = b.next();
    expect(() => b.next()).toThrow(TypeError);
    a.say(5, Uint8Array.of());
    expect((await first).code).toBe(5);
  });

  test('is still there when they are gone', async () => {
    const { a, b } = await joined();
    a.say(5, Uint8Array.of());
    a.close();
    await turns();
    expect(b.heard.isEnded).toBe(true);
    expect((await b.next()).code).toBe(5);
    await expect(b.next()).rejects.toMatchObject({ code: 'gone' });
  });

  test('ends for whoever waits', async () => {
    const { a, b } = await joined();
    const waiting = b.next();
    waiting.catch(() => {});
    a.reset();
    await expect(waiting).rejects.toMatchObject({ code: 'gone' });
    expect(b.heard.isEnded).toBe(false);
  });

  test('is not read any more when so many frames wait', async () => {
    const { a, b, pair } = await joined();
    const FRAMES = 3 * MAX_UNTAKEN_FRAMES;
    for (let i = 0; i < FRAMES; i += 1) a.say(5, new Uint8Array(16));
    await turns(200);
    expect(b.untaken).toHaveLength(MAX_UNTAKEN_FRAMES);
    expect(b.stream.duplex.isPaused()).toBe(true);
    expect(pair.delivered.aToB).toBeLessThan(FRAMES * 72);
    for (let i = 0; i < FRAMES; i += 1) expect((await b.next()).code).toBe(5);
    expect(b.untaken).toHaveLength(0);
  });

  test('nor when so many bytes wait', async () => {
    const { a, b } = await joined();
    const half = new Uint8Array(MAX_UNTAKEN_BYTES / 2);
    for (const payload of [half, half, Uint8Array.of(1)]) a.say(5, payload);
    await turns(1_000);
    expect(b.untaken).toHaveLength(2);
    for (const { length } of [half, half, [1]])
      expect((await b.next()).payload).toHaveLength(length);
  });

  test('nor much of it before there is a handshake', async () => {
    const { a, b, pair } = two();
    for (let i = 0; i < 40; i += 1) a.write(new Uint8Array(64 * 1024));
    await turns(200);
    expect(b.stream.duplex.isPaused()).toBe(true);
    expect(pair.delivered.aToB).toBeLessThan(512 * 1024);
    const answered = b.answer();
    await expect(answered).rejects.toMatchObject({ fault: 'handshakeSizeOutOfRange' });
  });
});

describe('how it goes', () => {
  test('an orderly end, or a reset, as they see it', async () => {
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
    expect([a.stream.duplex.destroyed, b.heard.isEnded]).toEqual([true, true]);
  });
});
