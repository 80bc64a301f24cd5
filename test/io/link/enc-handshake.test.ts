import { setImmediate } from 'node:timers';
import { describe, expect, test } from 'vitest';
import { createPacketReader } from '../../../src/io/crypto/handshake-packet.ts';
import type { NodeKey } from '../../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { createFrameReader, createFrameWriter } from '../../../src/io/crypto/rlpx-frame.ts';
import type { Session } from '../../../src/io/crypto/rlpx-handshake.ts';
import { EncHandshake, type EncHandshakeOptions } from '../../../src/io/link/enc-handshake.ts';
import type { SetupLinkEvent } from '../../../src/io/link/link-events.ts';
import { RecentAuths } from '../../../src/io/link/recent-auths.ts';
import {
  HANDSHAKE_ABANDONED,
  HandshakeQueue,
  MAX_STRANGERS,
} from '../../../src/io/process/handshake-queue.ts';
import { hex, seededRandom } from '../../support/crypto.ts';
import { ackNamed, alice, authNamed, bob, local, primitives } from '../../support/handshake.ts';
import { StepClock } from '../../support/step-clock.ts';
import { fault } from '../../support/wire.ts';

type Settings = Partial<EncHandshakeOptions>;

/** One side; `log` has what it did, in order. */
function newSide(key: NodeKey, settings: Settings = {}) {
  const clock = new StepClock();
  const written: Uint8Array[] = [];
  const reports: SetupLinkEvent[] = [];
  const sessions: Session[] = [];
  const log: string[] = [];
  const handshake = new EncHandshake(
    {
      ...local(key, seededRandom(key.id)),
      destination: null,
      legacyHandshake: false,
      isExpected: false,
      handshakeQueue: new HandshakeQueue(clock),
      recentAuths: new RecentAuths(clock, primitives),
      ...settings,
    },
    {
      write: (packet) => {
        written.push(packet);
        log.push('write');
      },
      report: (event) => {
        reports.push(event);
        log.push(event.type);
      },
      onSession: (session) => {
        sessions.push(session);
        log.push('session');
      },
    },
  );
  return { handshake, written, reports, sessions, log };
}

function newSides(settings: Settings = {}) {
  return {
    initiator: newSide(alice, { destination: bob.publicKey, ...settings }),
    recipient: newSide(bob, settings),
  };
}

/** As the link cuts it out of the stream. */
function packetIn(bytes: Uint8Array, kind: 'auth' | 'ack') {
  const { packet, offset } = createPacketReader(kind, { legacy: true }).read(bytes, 0);
  expect(offset).toBe(bytes.length);
  return packet!;
}

for (const [format, legacyHandshake, authBytes] of [
  ['EIP-8', false, 0],
  ['the older format', true, 307],
] as const)
  describe(`the enc handshake in ${format}`, () => {
    test('takes one step at a time, and gives both sides the same session', async () => {
      const { initiator, recipient } = newSides({ legacyHandshake });
      await initiator.handshake.sendAuth();
      expect(initiator.log).toEqual(['write', 'auth.sent']);
      const auth = packetIn(initiator.written[0]!, 'auth');
      if (authBytes > 0) expect(auth.bytes).toHaveLength(authBytes);

      recipient.handshake.queueAuth(auth);
      expect(recipient.reports).toEqual([{ type: 'auth.queued' }]);
      await recipient.handshake.processAuth();
      expect(recipient.reports.slice(1)).toEqual([
        { type: 'auth.received', publicKey: publicKeyHex(alice.publicKey), id: alice.id },
      ]);
      await recipient.handshake.sendAck();
      expect(recipient.log).toEqual([
        'auth.queued',
        'auth.received',
        'session',
        'write',
        'ack.sent',
      ]);

      await initiator.handshake.processAck(packetIn(recipient.written[0]!, 'ack').bytes);
      expect(initiator.log.slice(2)).toEqual(['session', 'ack.received']);
      expect(initiator.reports[1]).toEqual({
        type: 'ack.received',
        publicKey: publicKeyHex(bob.publicKey),
        id: bob.id,
      });
      const sealed = createFrameWriter(initiator.sessions[0]!, primitives).seal(7, hex('c0'));
      const reader = createFrameReader(recipient.sessions[0]!, primitives, 100);
      expect(reader.read(sealed, 0).frame).toMatchObject({ code: 7, payload: hex('c0') });
    });
  });

describe('faults of the remote', () => {
  test('an auth that was made for another key', async () => {
    const { recipient } = newSides();
    const someoneElses = newSide(bob, { destination: alice.publicKey });
    await someoneElses.handshake.sendAuth();
    const auth = packetIn(someoneElses.written[0]!, 'auth');
    recipient.handshake.queueAuth(auth);
    await expect(recipient.handshake.processAuth()).rejects.toThrow(fault('undecryptable'));
    expect(recipient.log).toEqual(['auth.queued']);
  });

  test('an ack with one bit flipped', async () => {
    const { initiator } = newSides();
    await initiator.handshake.sendAuth();
    const ack = ackNamed('ack2');
    const flipped = ack.with(200, ack[200]! ^ 1);
    await expect(initiator.handshake.processAck(flipped)).rejects.toThrow(fault('undecryptable'));
    expect(initiator.log).toEqual(['write', 'auth.sent']);
  });
});

describe('faults of our own', () => {
  test('an auth without a destination', async () => {
    const { handshake, log } = newSide(alice);
    await expect(handshake.sendAuth()).rejects.toThrow(TypeError);
    expect(log).toEqual([]);
  });

  test('an ack before an auth, in either role', async () => {
    const { initiator, recipient } = newSides();
    await expect(initiator.handshake.processAck(ackNamed('ack2'))).rejects.toThrow(TypeError);
    await expect(recipient.handshake.sendAck()).rejects.toThrow(TypeError);
    expect([initiator.log, recipient.log]).toEqual([[], []]);
  });

  test('two acks for one auth: no secret is used twice', async () => {
    const { recipient } = newSides();
    recipient.handshake.queueAuth(packetIn(hex(authNamed('auth2').packet), 'auth'));
    await recipient.handshake.processAuth();
    await recipient.handshake.sendAck();
    await expect(recipient.handshake.sendAck()).rejects.toThrow(TypeError);
    expect(recipient.written).toHaveLength(1);
  });
});

describe('the turns of handshakes', () => {
  test('a copy of an auth is a fault when it arrives, on any link of the server', async () => {
    const { initiator, recipient } = newSides();
    await initiator.handshake.sendAuth();
    const auth = packetIn(initiator.written[0]!, 'auth');
    const clock = new StepClock();
    const recentAuths = new RecentAuths(clock, primitives);
    newSide(bob, { recentAuths }).handshake.queueAuth(auth);
    const second = newSide(bob, { recentAuths });
    expect(() => second.handshake.queueAuth(auth)).toThrow(fault('replayedAuth'));
    expect(second.log).toEqual([]);
    recipient.handshake.queueAuth(auth); // another server does not know it
  });

  test('a stranger that finds the queue full gets no turn; a node that the user named, and a dial, do', async () => {
    const { initiator } = newSides();
    await initiator.handshake.sendAuth();
    const auth = packetIn(initiator.written[0]!, 'auth');
    const handshakeQueue = new HandshakeQueue(new StepClock());
    for (let i = 0; i < MAX_STRANGERS; i += 1) handshakeQueue.enter('stranger');
    const stranger = newSide(bob, { handshakeQueue });
    stranger.handshake.queueAuth(auth);
    await stranger.handshake.processAuth();
    expect(stranger.reports.at(-1)).toEqual({ type: 'handshakes.full', waiting: MAX_STRANGERS });

    const named = newSide(bob, { handshakeQueue, isExpected: true });
    named.handshake.queueAuth(auth);
    await named.handshake.processAuth();
    expect(named.log).toEqual(['auth.queued', 'auth.received']);

    const dial = newSide(alice, { handshakeQueue, destination: bob.publicKey });
    await dial.handshake.sendAuth();
    expect(dial.log).toEqual(['write', 'auth.sent']);
  });

  test('a dial does not wait behind a stranger that came before it', async () => {
    const handshakeQueue = new HandshakeQueue(new StepClock());
    let hasBegun = false;
    const stranger = handshakeQueue.enter('stranger')!.turn();
    void stranger.then(() => {
      hasBegun = true;
    });
    const dial = newSide(alice, { handshakeQueue, destination: bob.publicKey });
    await dial.handshake.sendAuth();
    expect([dial.log, hasBegun]).toEqual([['write', 'auth.sent'], false]);
    await stranger;
  });

  test('each operation on the curve waits for a turn of its own, in both roles', async () => {
    const turnsOf: Record<string, number> = {};
    const counting = (name: string): HandshakeQueue =>
      new HandshakeQueue(new StepClock(), (run) => {
        turnsOf[name] = (turnsOf[name] ?? 0) + 1;
        setImmediate(run);
      });
    const dialler = newSide(alice, {
      destination: bob.publicKey,
      handshakeQueue: counting('dial'),
    });
    const recipient = newSide(bob, { handshakeQueue: counting('answer') });
    await dialler.handshake.sendAuth();
    recipient.handshake.queueAuth(packetIn(dialler.written[0]!, 'auth'));
    await recipient.handshake.processAuth();
    await recipient.handshake.sendAck();
    await dialler.handshake.processAck(packetIn(recipient.written[0]!, 'ack').bytes);
    // auth: 2 keys, 2 multiplications, 1 signature; ack read: 2 multiplications
    // auth read: 2 multiplications, 1 recovery; ack: 2 keys, 2 multiplications
    expect(turnsOf).toEqual({ dial: 7, answer: 7 });
  });

  test('an abandoned handshake goes no further', async () => {
    const { initiator, recipient } = newSides();
    await initiator.handshake.sendAuth();
    recipient.handshake.queueAuth(packetIn(initiator.written[0]!, 'auth'));
    const processed = recipient.handshake.processAuth();
    recipient.handshake.abandon();
    await expect(processed).rejects.toBe(HANDSHAKE_ABANDONED);
    expect(recipient.log).toEqual(['auth.queued']);
  });
});
