import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sealPacket } from '../../../src/io/crypto/discv4-packet.ts';
import {
  MAX_EXPIRATION_AHEAD_MS,
  type PacketRefusal,
  RECENT_PACKET_MS,
} from '../../../src/io/discovery/packet-check.ts';
import type { Discv4Message } from '../../../src/io/wire/discv4-message.ts';
import { chosenPrimitives, hex, loadVectors } from '../../support/crypto.ts';
import {
  keyOf,
  LATENCY_MS,
  MemoryNet,
  Sender,
  START_MS,
  startNode,
} from '../../support/discv4-net.ts';

const FROM = { host: '46.0.0.1', port: 30303 };
const EXPIRATION = START_MS / 1_000 + 20;
const PLACE = { host: '46.0.0.1', udpPort: 30303, tcpPort: 0 };
const ping = (expiration = EXPIRATION): Discv4Message => ({
  ...{ type: 'ping', version: 4, from: PLACE, to: PLACE, expiration, recordSeq: null },
});
const seal = (message: Discv4Message, number = 2): Uint8Array =>
  sealPacket(message, keyOf(number), chosenPrimitives).datagram;
const enrRequest: Discv4Message = { type: 'enrRequest', expiration: EXPIRATION };

type Stage = ReturnType<typeof stage>;
type Receive = (bytes: Uint8Array, from?: typeof FROM) => void;

/** One datagram, or several, for each reason. */
const REFUSALS = {
  packetTooShort: ({ receive }) => receive(new Uint8Array(97)),
  packetTooLong: ({ receive }) => receive(new Uint8Array(1281)),
  badPacketHash: ({ receive }) => receive(changed(seal(ping()), 0)),
  unknownPacketType: ({ receive }) => receive(resealed(0x42, ping())),
  malformedPacket: ({ receive }) => receive(resealed(1, enrRequest)),
  unrecoverableSignature: ({ receive }) => receive(withSignature(seal(ping()), 0xff)),
  notInNetRestrict: ({ receive }) => receive(seal(ping()), { host: '99.0.0.1', port: 1 }),
  noSourcePort: ({ receive }) => receive(seal(ping()), { ...FROM, port: 0 }),
  expired: ({ receive }) => receive(seal(ping(START_MS / 1_000 - 1))),
  expiresTooLate: ({ receive }) =>
    receive(seal(ping((START_MS + MAX_EXPIRATION_AHEAD_MS) / 1_000 + 1))),
  duplicatePacket: ({ receive }) => {
    receive(seal(ping()));
    receive(seal(ping()), { ...FROM, port: 1 });
  },
  unprovenEndpoint: ({ receive }) => receive(seal(enrRequest)),
  ownPacket: ({ receive }) => receive(seal(ping(), 1)),
  sourceBudget: ({ receive }) => {
    for (let number = 2; number < 23; number += 1) receive(seal(ping(), number));
  },
  answerBudget: ({ receive, net }) => {
    for (let number = 2; number < 22; number += 1) receive(seal(ping(), number));
    net.clock.advance(400); // four packets more, and not one pong
    receive(seal(ping(), 30));
  },
  recoveryBudget: ({ receive }) => {
    const bytes = withSignature(seal(ping()), 0xff);
    for (let source = 0; source < 2_005; source += 1) {
      new DataView(bytes.buffer).setUint32(40, source);
      receive(rehashed(bytes), { host: `46.1.${source >> 8}.${source & 255}`, port: 1 });
    }
  },
  unsolicitedAnswer: ({ receive }) => receive(seal(pong(new Uint8Array(32)))),
  lateAnswer: ({ receive, net, pinged }) => {
    const hash = pinged();
    net.clock.advance(500);
    receive(seal(pong(hash)));
  },
  wrongRequestHash: ({ receive, pinged }) => {
    pinged();
    receive(seal(pong(new Uint8Array(32))));
  },
  tooManyAnswers: ({ receive, pinged }) => {
    const hash = pinged();
    for (let time = 0; time < 11; time += 1) receive(seal(pong(hash), 3));
  },
  answerOfAnotherKey: ({ receive, pinged }) => receive(seal(pong(pinged()), 3)),
} as const satisfies Record<PacketRefusal, (stage: Stage) => void>;

describe('a datagram is dropped, and counted, as', () => {
  for (const [reason, reach] of Object.entries<(stage: Stage) => void>(REFUSALS))
    test(reason, () => {
      const at = stage();
      reach(at);
      expect(at.us.discv4.stats().refused[reason as PacketRefusal] ?? 0).toBeGreaterThan(0);
      expect(at.us.faults).toEqual([]);
    });
});

describe('before the signature', () => {
  test('K1: every check that needs no curve has passed', () => {
    const cheap = [
      'packetTooShort',
      'packetTooLong',
      'badPacketHash',
      'unknownPacketType',
      'malformedPacket',
      'notInNetRestrict',
      'noSourcePort',
      'expired',
      'expiresTooLate',
      'unprovenEndpoint',
      'unsolicitedAnswer',
      'lateAnswer',
      'wrongRequestHash',
    ] as const;
    for (const reason of cheap) {
      const at = stage();
      REFUSALS[reason](at);
      expect([reason, at.recoveries()]).toEqual([reason, 0]);
    }
  });

  test('a budget that is empty stops it', () => {
    const at = stage();
    REFUSALS.sourceBudget(at);
    expect(at.recoveries()).toBe(20);
  });
});

describe('expirations', () => {
  const cases: [sentence: string, expiration: number, isTaken: boolean][] = [
    ['this second is valid', START_MS / 1_000, true],
    ['a second ago is past', START_MS / 1_000 - 1, false],
    ['zero is past, and stands for times from 2^63 on', 0, false],
    ['in a day is valid', (START_MS + MAX_EXPIRATION_AHEAD_MS) / 1_000, true],
    ['after more than a day is not', (START_MS + MAX_EXPIRATION_AHEAD_MS) / 1_000 + 1, false],
    ['2^53 is not', Number.MAX_SAFE_INTEGER, false],
  ];
  test.for(cases)('K6: %s', ([, expiration, isTaken]) => {
    const at = stage();
    at.receive(seal(ping(expiration)));
    expect(at.us.discv4.stats().received.ping).toBe(isTaken ? 1 : 0);
  });

  test('follow the time of day when it is set', () => {
    for (const [ms, isTaken] of [
      [3_600_000, false],
      [-3_600_000, true],
    ] as const) {
      const at = stage();
      at.net.clockErrorMs = ms;
      at.receive(seal(ping()));
      expect(at.us.discv4.stats().received.ping).toBe(isTaken ? 1 : 0);
    }
  });
});

describe('copies', () => {
  test('K6: of a ping are dropped when they come from elsewhere', () => {
    const at = stage();
    REFUSALS.duplicatePacket(at);
    expect(at.us.discv4.stats().sent.pong).toBe(1);
  });

  test('of a ping from the same endpoint are answered: the sender repeats it', () => {
    const at = stage();
    at.receive(seal(ping()));
    at.receive(seal(ping()));
    expect(at.us.discv4.stats().sent.pong).toBe(2);
  });

  test('of a request for our record from the same endpoint are answered too', () => {
    const { net, us, them } = bonded();
    for (let time = 0; time < 2; time += 1) them.send(enrRequest, us);
    net.clock.advance(LATENCY_MS);
    expect(us.discv4.stats().sent.enrResponse).toBe(2);
  });

  test('K6: of a question for nodes are dropped for 20 seconds, as their answers are large', () => {
    const { net, us, them } = bonded();
    const expiration = EXPIRATION + 60;
    const message: Discv4Message = { type: 'findNode', target: 'ab'.repeat(64), expiration };
    for (const ms of [0, RECENT_PACKET_MS - LATENCY_MS, 2 * LATENCY_MS]) {
      net.clock.advance(ms);
      them.send(message, us);
      net.clock.advance(LATENCY_MS);
    }
    expect(us.discv4.stats().sent.neighbors).toBe(2);
    expect(us.discv4.stats().refused).toEqual({ duplicatePacket: 1 });
  });
});

describe('whatever comes', () => {
  const { valid, invalid } = loadVectors<{
    valid: { packet: string }[];
    invalid: { packet: string }[];
  }>('discv4-packets.json');

  test('K4: nothing is thrown, and a ping is answered after it', () => {
    const samples = [...valid, ...invalid]
      .map(({ packet }) => hex(packet))
      .filter(({ length }) => length > 98);
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 1_400 }),
      fc.constantFrom(...samples),
      fc
        .tuple(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 1, max: 255 }))
        .map(([bytes, at, mask]) =>
          rehashed(changed(bytes, 32 + (at % (bytes.length - 32)), mask)),
        ),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (datagrams) => {
        const at = stage();
        for (const bytes of datagrams) at.receive(bytes);
        at.receive(seal(ping(), 77));
        expect(at.us.faults).toEqual([]);
        expect(at.us.discv4.stats().sent.pong).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  test.for([0, 1, 97, 98, 1_280, 1_281, 65_507])('K5: %i bytes too', (length) => {
    const at = stage();
    at.receive(new Uint8Array(length));
    expect(at.us.faults).toEqual([]);
    expect(Object.values(at.us.discv4.stats().refused)).toEqual([1]);
  });
});

function pong(pingHash: Uint8Array): Discv4Message {
  return { type: 'pong', to: PLACE, pingHash, expiration: EXPIRATION, recordSeq: null };
}

function stage() {
  const net = new MemoryNet();
  let recoveries = 0;
  const us = startNode(net, {
    isAllowed: (host) => host !== '99.0.0.1',
    primitives: {
      ...chosenPrimitives,
      recover: (hash, signature) => {
        recoveries += 1;
        return chosenPrimitives.recover(hash, signature);
      },
    },
  });
  const receive: Receive = (bytes, from = FROM) => void us.discv4.receive({ bytes, from });
  /** Pings the usual sender. */
  const pinged = (): Uint8Array => {
    us.discv4.ping(new Sender(net).node, () => {});
    return new Uint8Array(net.wire[0]!.bytes.subarray(0, 32));
  };
  return { net, us, receive, pinged, recoveries: () => recoveries };
}

function bonded() {
  const net = new MemoryNet();
  const us = startNode(net);
  const them = new Sender(net);
  them.bond(us);
  return { net, us, them };
}

function changed(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at]! ^= mask;
  return copy;
}

/** With a hash that fits. */
function rehashed(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy.set(chosenPrimitives.keccak256(copy.subarray(32)));
  return copy;
}

const withSignature = (bytes: Uint8Array, byte: number): Uint8Array =>
  rehashed(new Uint8Array(bytes).fill(byte, 32, 97));

function resealed(type: number, message: Discv4Message): Uint8Array {
  const bytes = seal(message);
  bytes[97] = type;
  return rehashed(bytes);
}
