/**
 * A connection that breaks at any byte of its handshake ends in a named state, in time, and leaves nothing behind.
 * One real handshake is recorded; then its far end is played back to a server, cut at every byte in each direction.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import {
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
} from '../../src/machines/connection/connection-setup.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import type { CutKind } from '../support/memory-stream.ts';
import {
  lengthOf,
  Playback,
  type RecordedBytes,
  type Role,
  recordHandshake,
} from '../support/recorded-handshake.ts';

/** Every byte, or in a quick run one in so many. */
const STEP = isExhaustive ? 1 : 7;

let recorded: Record<Role, RecordedBytes>;

beforeAll(async () => {
  recorded = await recordHandshake();
});

test('the deadlines are the documented ones', () => {
  expect([ENC_HANDSHAKE_TIMEOUT_MS, HELLO_TIMEOUT_MS, FAREWELL_MS]).toEqual([5_000, 5_000, 2_000]);
});

describe.for(['initiator', 'recipient'] as const)('as %s', (role) => {
  const theirRole = role === 'initiator' ? 'recipient' : 'initiator';

  const scriptAfter = (helloAfter: number) => ({
    ...recorded[theirRole],
    packetAfter: role === 'initiator' ? recorded.initiator.packet.length : 0,
    helloAfter,
  });

  test('the whole handshake, played back, admits the recorded remote as a peer', async () => {
    const playback = await Playback.begin(role);
    playback.open(scriptAfter(recorded[role].packet.length));
    await playback.world.settle();
    expect(playback.heard).toEqual(lengthOf(recorded[role])); // ours is the same again, byte for byte
    expect(playback.member.server.peers).toHaveLength(1);
    await playback.world.end();
  });

  describe.for(['reset', 'fin', 'stall'] as const)('%s', (kind) => {
    /** How many cuts end where. Each byte of `length` is one. */
    const cutEverywhere = async (cuts: Omit<Cut, 'kind' | 'at'>, length: number) => {
      const playback = await Playback.begin(role);
      const tally: Record<string, number> = {};
      for (let at = 0; at < length; at += STEP) {
        const state = await cutOnce(playback, { kind, at, ...cuts });
        tally[state] = (tally[state] ?? 0) + 1;
      }
      await playback.world.end();
      return tally;
    };

    const cutOnce = async (playback: Playback, cut: Cut): Promise<string> => {
      const { clock } = playback.world;
      const begun = clock.now();
      const ended: { state: string; after: number }[] = [];
      const off = playback.member.server.on('ended', ({ state }) =>
        ended.push({ state, after: clock.now() - begun }),
      );
      playback.open(scriptAfter(cut.helloAfter), (connection) => {
        const fromA = (role === 'initiator') === (cut.direction === 'ours');
        connection.cut(kind, cut.at, fromA ? 'aToB' : 'bToA');
      });
      await playback.close({ isHeard: kind !== 'stall', about: cut });
      off();
      const early = cut.at < cut.keysAt ? ENC_HANDSHAKE_TIMEOUT_MS : HELLO_MS;
      const after = kind === 'stall' ? early : 0;
      expect(
        ended.map((one) => one.after),
        JSON.stringify(cut),
      ).toEqual([after]);
      return ended[0]?.state ?? 'none';
    };

    test('at every byte of what they send', async () => {
      const length = lengthOf(recorded[theirRole]);
      const keysAt = recorded[theirRole].packet.length;
      const helloAfter = recorded[role].packet.length;
      expect(await cutEverywhere({ direction: 'theirs', helloAfter, keysAt }, length)).toEqual(
        tallyOf(kind, keysAt, length),
      );
    });

    test('at every byte of what we send', async () => {
      const length = lengthOf(recorded[role]);
      // both directions stall: an initiator gets no ack, but a recipient is through once an auth has come
      const keysAt = role === 'initiator' ? recorded[role].packet.length + 1 : 1;
      expect(
        await cutEverywhere({ direction: 'ours', helloAfter: length, keysAt }, length),
      ).toEqual(tallyOf(kind, keysAt, length));
    });
  });
});

/** How many cuts end where: before both sides have keys, and after it. */
function tallyOf(kind: CutKind, keysAt: number, length: number): Record<string, number> {
  const all = Math.ceil(length / STEP);
  const beforeKeys = Math.ceil(keysAt / STEP);
  if (kind === 'reset') return { 'failed.connectionReset': all };
  if (kind === 'fin') return { 'failed.connectionClosed': all };
  return { 'failed.encHandshakeTimeout': beforeKeys, 'rejected.helloTimeout': all - beforeKeys };
}

type Cut = {
  readonly kind: CutKind;
  readonly at: number;
  readonly direction: 'ours' | 'theirs';
  /** Bytes of ours after which they send Hello. */
  readonly helloAfter: number;
  /** The first cut that leaves both sides with keys. */
  readonly keysAt: number;
};

/** A Hello that does not come: the wait for it, and for them to hang up. */
const HELLO_MS = HELLO_TIMEOUT_MS + FAREWELL_MS;
