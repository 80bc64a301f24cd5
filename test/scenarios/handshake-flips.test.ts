/**
 * Every single bit of what the far end says during a handshake, flipped: auth, ack, and the frame of its Hello. The
 * remote is never authenticated, or never a peer; the connection ends in a named state and leaves nothing behind.
 */
import { beforeAll, describe, expect, test } from 'vitest';

import type { EndedConnection } from '../../src/api/endings.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import {
  lengthOf,
  Playback,
  type RecordedBytes,
  type Role,
  recordHandshake,
} from '../support/recorded-handshake.ts';

/** Thousands of connections each, which take longer where others use the machine as well. */
const TIMEOUT_MS = 120_000;

/** The first state in which the remote is authenticated. */
const AUTHENTICATED = 'postHandshakeCheckpoint';

/** In front of a packet: its size. Then the point. */
const SIZE_BITS = 16;
const POINT_END_BITS = SIZE_BITS + 8 * 65;

/** The header of a frame and its MAC. */
const HEAD_BITS = 8 * 32;

/** Every bit, or in a quick run one in so many. */
const STEP = isExhaustive ? 1 : 7;

let recorded: Record<Role, RecordedBytes>;

beforeAll(async () => {
  recorded = await recordHandshake();
});

describe.for(['initiator', 'recipient'] as const)('as %s', { timeout: TIMEOUT_MS }, (role) => {
  const theirRole = role === 'initiator' ? 'recipient' : 'initiator';

  test('without a flipped bit, the remote becomes a peer', async () => {
    const playback = await Playback.begin(role);
    playback.open(scriptWith({}));
    await playback.world.settle();
    expect(playback.member.server.peers).toHaveLength(1);
    await playback.world.end();
  });

  test('a packet with any bit flipped is not authenticated', async () => {
    const ended = await flipEach('packet');
    expect(ended.filter(({ trail }) => trail.includes(AUTHENTICATED))).toEqual([]);
    const { packet } = recorded[theirRole];
    // an initiator receives Hello at once, and reads it as the rest of a longer ack
    const toBeRead = role === 'initiator' ? lengthOf(recorded.recipient) : packet.length;
    expect(ended.map(({ state }) => state)).toEqual(
      ended.map((_, index) => fateOfPacket(flipped(packet, index * STEP), index * STEP, toBeRead)),
    );
  });

  test('a Hello with any bit of its frame flipped is not admitted', async () => {
    const ended = await flipEach('hello');
    expect(ended.every(({ trail }) => trail.includes(AUTHENTICATED))).toBe(true);
    expect(ended.map(({ state }) => state)).toEqual(
      ended.map((_, index) =>
        index * STEP < HEAD_BITS ? 'failed.badHeaderMac' : 'failed.badFrameMac',
      ),
    );
  });

  /** The ending of every connection with one bit of `part` flipped, in the order of the bits. */
  async function flipEach(part: keyof RecordedBytes): Promise<readonly EndedConnection[]> {
    const playback = await Playback.begin(role);
    const { server } = playback.member;
    const ended: EndedConnection[] = [];
    const peers: string[] = [];
    server.on('ended', (end) => ended.push(end));
    server.on('add', ({ peer }) => peers.push(peer.id));
    const bytes = recorded[theirRole][part];
    const bits = 8 * bytes.length;
    for (let bit = 0; bit < bits; bit += STEP) {
      playback.open(scriptWith({ [part]: flipped(bytes, bit) }));
      await playback.close({ isHeard: true, about: { part, bit } });
      expect(ended.length, `${part}, bit ${bit}`).toBe(bit / STEP + 1);
    }
    expect(peers).toEqual([]);
    await playback.world.end();
    return ended;
  }

  const scriptWith = (changed: Partial<RecordedBytes>) => ({
    ...recorded[theirRole],
    ...changed,
    packetAfter: role === 'initiator' ? recorded.initiator.packet.length : 0,
    helloAfter: recorded[role].packet.length,
  });
});

/** Every packet is too small, too large, waited for in vain, without a point, or decrypts to nothing. */
function fateOfPacket(packet: Uint8Array, bit: number, toBeRead: number): string {
  const size = (packet[0]! << 8) | packet[1]!;
  if (size < 113 || size > 2048) return 'failed.handshakeSizeOutOfRange';
  if (2 + size > toBeRead) return 'failed.encHandshakeTimeout';
  const isInPoint = bit >= SIZE_BITS && bit < POINT_END_BITS;
  return isInPoint ? 'failed.invalidPublicKey' : 'failed.undecryptable';
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[bit >>> 3]! ^= 0x80 >>> (bit & 7);
  return changed;
}
