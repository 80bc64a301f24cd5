import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PING_BURST } from '../../../src/io/link/message-router.ts';
import {
  DISCONNECT,
  HELLO,
  MAX_BASE_MESSAGE_BYTES,
  PING,
  PONG,
} from '../../../src/io/wire/base-message.ts';
import { DISCONNECT_CODES } from '../../../src/io/wire/disconnect.ts';
import { MAX_FRAME_BYTES } from '../../../src/io/wire/frame-header.ts';
import { encodeRlp } from '../../../src/io/wire/rlp.ts';
import { compress, maxCompressedBytes } from '../../../src/io/wire/snappy.ts';
import { hex } from '../../support/crypto.ts';
import { frame, newRouter, PLACES } from '../../support/router.ts';
import { turns } from '../../support/turn.ts';
import { fault } from '../../support/wire.ts';

describe('P1: pings', () => {
  test('one is answered by one pong, after the turn it came in', async () => {
    const { route, replies, reports } = newRouter();
    expect(route(PING)).toBe(true);
    expect(replies).toEqual([]);
    await turns(1);
    expect(replies).toEqual([PONG]);
    expect(reports).toEqual([]);
  });

  test('several of one turn are answered by one pong', async () => {
    const { route, replies } = newRouter();
    for (let i = 0; i < PING_BURST; i += 1) expect(route(PING)).toBe(true);
    await turns(1);
    expect(replies).toEqual([PONG]);
    expect(PING_BURST).toBe(60);
  });

  test('one each 2 s, read only after this process stood still for 14 s, is no flood', async () => {
    const { route, clock, reports } = newRouter();
    clock.advance(14_000);
    for (let unread = 7; unread > 0; unread -= 1) {
      route(PING);
      await turns(1);
    }
    expect(reports).toEqual([]);
  });

  test('one more than 60 without a refill is a flood, and reading stops', async () => {
    const { route, replies, reports } = newRouter();
    for (let i = 0; i < PING_BURST; i += 1) {
      route(PING);
      await turns(1);
    }
    expect(route(PING)).toBe(false);
    await turns(1);
    expect(replies).toHaveLength(PING_BURST);
    expect(reports).toEqual([{ type: 'ping.flooded' }]);
  });

  test('one a second is never a flood, and one a millisecond sooner is', () => {
    const { route, clock, reports } = newRouter();
    for (let i = 0; i < PING_BURST; i += 1) route(PING);
    for (let i = 0; i < 1_000; i += 1) {
      clock.advance(1_000);
      expect(route(PING)).toBe(true);
    }
    clock.advance(999);
    expect(route(PING)).toBe(false);
    expect(reports).toEqual([{ type: 'ping.flooded' }]);
  });

  test('a long silence saves no more than 60', () => {
    const { route, clock } = newRouter();
    clock.advance(3_600_000);
    for (let i = 0; i < PING_BURST; i += 1) expect(route(PING)).toBe(true);
    expect(route(PING)).toBe(false);
  });
});

describe('pongs', () => {
  test('one is reported for each ping of ours, however many come', () => {
    const { router, route, reports, at, clock } = newRouter();
    router.expectPong();
    expect([route(PONG), route(PONG), route(PONG)]).toEqual([true, true, true]);
    expect(reports).toEqual([{ type: 'pong.received', afterMs: 0 }]);
    router.expectPong();
    clock.advance(1_000);
    router.expectPong();
    clock.advance(70);
    route(PONG);
    expect(reports.at(-1)).toEqual({ type: 'pong.received', afterMs: 70 }); // since the latest ping
    expect(at.pongs).toBe(2);
    expect(reports).toHaveLength(2);
  });

  test('an unrequested one is not reported', () => {
    const { route, reports, at } = newRouter();
    expect(route(PONG)).toBe(true);
    expect([reports, at.pongs]).toEqual([[], 0]);
  });
});

test('P4: a second Hello is reported unread, and reading stops', () => {
  const { routeFrame, reports } = newRouter({ compressed: true });
  expect(routeFrame(frame(HELLO, hex('ffffff')))).toBe(false);
  expect(reports).toEqual([{ type: 'hello.repeated' }]);
});

describe('P5: a Disconnect', () => {
  const shapes = {
    'in a list': (code: number) => encodeRlp([code]),
    'as a bare number': (code: number) => encodeRlp(code),
  };
  for (const [shape, encode] of Object.entries(shapes))
    for (const [reason, code] of Object.entries(DISCONNECT_CODES)) {
      const said = [{ type: 'disconnect.received', reason, code }];
      const told = (compressed: boolean, payload: Uint8Array) => {
        const { routeFrame, reports } = newRouter({ compressed });
        expect(routeFrame(frame(DISCONNECT, payload))).toBe(false);
        return reports;
      };
      test(`${reason} ${shape} is understood, compressed or not`, () => {
        expect(told(true, compress(encode(code)))).toEqual(said);
        expect(told(true, encode(code))).toEqual(said); // as @ethereumjs/devp2p sends it
        expect(told(false, encode(code))).toEqual(said);
      });
    }

  test('with zero as a plain byte is `requested` too', () => {
    for (const payload of [hex('00'), hex('c100'), compress(hex('00'))]) {
      const { router, reports } = newRouter({ compressed: true });
      router.route(frame(DISCONNECT, payload));
      expect(reports).toEqual([{ type: 'disconnect.received', reason: 'requested', code: 0 }]);
    }
  });

  test('with an unknown number keeps its number', () => {
    const { route, reports } = newRouter({ compressed: true });
    route(DISCONNECT, hex('c10c'));
    expect(reports).toEqual([{ type: 'disconnect.received', reason: 'unrecognised', code: 12 }]);
  });

  for (const [what, payload] of [
    ['nothing at all', ''],
    ['an empty list', 'c0'],
    ['broken RLP', 'f8'],
    ['a list in a list', 'c2c180'],
    ['a compression bomb', 'ffffff7f00'],
  ] as const)
    test(`of ${what} is one without a reason`, () => {
      const { routeFrame, reports } = newRouter({ compressed: true });
      expect(routeFrame(frame(DISCONNECT, hex(payload)))).toBe(false);
      expect(reports).toEqual([
        { type: 'disconnect.received', reason: 'unrecognised', code: null },
      ]);
    });

  test('of any bytes is one, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (payload, compressed) => {
        const { routeFrame, reports } = newRouter({ compressed });
        expect(routeFrame(frame(DISCONNECT, payload))).toBe(false);
        expect(reports).toMatchObject([{ type: 'disconnect.received' }]);
      }),
    );
  });
});

describe('P6: message ids', () => {
  test('those kept for the base protocol are ignored', () => {
    const { route, reports } = newRouter();
    for (let code = 4; code < 16; code += 1) expect(route(code)).toBe(true);
    expect(reports).toEqual([]);
  });

  for (const code of [0x1a, 0x1f, 0x24, 0xffff_ffff])
    test(`0x${code.toString(16)} is outside every protocol: reported, and reading stops`, () => {
      const { route, reports } = newRouter();
      expect(route(code)).toBe(false);
      expect(reports).toEqual([{ type: 'message.unroutable', code }]);
    });

  test('every other one reaches its protocol under its own number', () => {
    const { route, port } = newRouter();
    for (const { offset, length } of PLACES)
      for (let code = offset; code < offset + length; code += 1) expect(route(code)).toBe(true);
    expect(['eth', 'les', 'snap'].map((name) => port(name).queued)).toEqual([8, 2, 4]);
  });

  test('is counted as long as it came, and not when it is unacceptable', () => {
    const { router, route, port } = newRouter({ compressed: true });
    const payload = new Uint8Array(50);
    route(0x19, payload);
    expect(() => router.route(frame(0x19, compress(new Uint8Array(101))))).toThrow();
    const bytes = compress(payload).length;
    expect([...port('les').traffic.ingress]).toEqual([[1, { messages: 1, bytes }]]);
    expect([...port('eth').traffic.ingress]).toEqual([]);
  });

  test('both ends of a protocol are inside, under its own numbers', async () => {
    const { route, port } = newRouter();
    route(0x20);
    route(0x23);
    const messages = port('snap')[Symbol.asyncIterator]();
    expect((await messages.next()).value?.code).toBe(0);
    expect((await messages.next()).value?.code).toBe(3);
  });

  test('what a handler sends has the id of the connection', async () => {
    const { port, sent } = newRouter();
    await port('snap').send(3, new Uint8Array(7));
    expect(sent).toEqual([[0x23, 7]]);
  });
});

describe('P2, F4: sizes', () => {
  for (const compressed of [true, false])
    for (const [what, code, limit] of [
      ['a ping', PING, MAX_BASE_MESSAGE_BYTES],
      ['a pong', PONG, MAX_BASE_MESSAGE_BYTES],
      ['a reserved message', 7, MAX_BASE_MESSAGE_BYTES],
      ['a message of a protocol', 0x18, 100],
    ] as const)
      test(`${what} may have ${limit} bytes${compressed ? ' when decompressed' : ''}`, () => {
        const { route } = newRouter({ compressed });
        const noise = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i * i);
        expect(route(code, noise(limit))).toBe(true);
        expect(() => route(code, noise(limit + 1))).toThrow(fault('messageTooBig'));
      });

  test('no frame may be longer than the longest message of any port can make it', () => {
    const limitWith = (...maxima: number[]) =>
      newRouter({
        places: maxima.map((maxMessageBytes) => ({ ...PLACES[1]!, maxMessageBytes })),
      }).router.maxFrameBytes;
    const longest = (bytes: number) => 5 + maxCompressedBytes(bytes);
    expect(limitWith()).toBe(longest(MAX_BASE_MESSAGE_BYTES));
    expect(limitWith(1)).toBe(longest(MAX_BASE_MESSAGE_BYTES));
    expect(limitWith(10_000, 90_000)).toBe(longest(90_000));
    expect(limitWith(MAX_FRAME_BYTES)).toBe(MAX_FRAME_BYTES);
  });

  test('a decompression bomb is rejected by its declared length, before it is decompressed', () => {
    const { router } = newRouter({ compressed: true });
    const claim = hex('ffffff07'); // 16 MiB − 1, of nothing
    expect(() => router.route(frame(0x18, claim))).toThrow(fault('messageTooBig'));
    expect(() => router.route(frame(0x10, claim))).toThrow(fault('malformedSnappy'));
  });
});
