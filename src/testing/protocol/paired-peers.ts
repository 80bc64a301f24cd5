/** Two peers that run protocols with each other in memory, without server, handshake and clock. */

import { Inspection } from '../../actors/inspection.ts';
import type { Ports } from '../../api/options.ts';
import type { AskableReason, Peer, PeerEnding } from '../../api/peer.ts';
import type { Protocol } from '../../api/protocol.ts';
import { systemRandom } from '../../io/crypto/primitives.ts';
import { RequestTallies } from '../../io/link/traffic.ts';
import { systemClock } from '../../io/process/clock.ts';
import { unixTimeMs } from '../../io/process/wall-time.ts';
import type { Capability } from '../../io/wire/hello.ts';
import {
  byNameThenVersion,
  labelOf,
  matchCapabilities,
} from '../../machines/connection/capability-match.ts';
import { assertAskable } from '../../server/peers.ts';
import { ProtocolActors } from '../../server/protocol-actors.ts';
import { SILENT } from '../../telemetry/server-log.ts';
import { messagePipe, type PipeEnd } from './message-pipe.ts';

/** Buffered messages, as in a server, so that both sides may start by sending. */
const CAPACITY = 1024;

export type PairedPeer = {
  /** The remote side, as the handlers of this side see it. */
  readonly peer: Peer;
  /** Reason of the first `peer.disconnect()` of this side; null without one. */
  readonly disconnectReason: AskableReason | null;
  /** Resolves when every handler of this side has returned; rejects with the first error of one. */
  readonly done: Promise<void>;
};

/** What handlers get as their tools: the real ones unless given. A chart that fails rejects `done`. */
export type PairedPeersOptions = Partial<Pick<Ports, 'clock' | 'random' | 'unixTimeMs'>>;

/**
 * Runs the protocols that both sides share, as two servers do: the highest common version of each name. When one handler
 * ends, `port.signal` aborts for all others of both sides.
 * @param ours Protocols of the first side, which dialled.
 * @param theirs Protocols of the second side. Default: `ours`.
 * @param options Clock, time of day and randomness of both sides.
 * @throws {TypeError} The two sides share no protocol.
 */
export function pairedPeers(
  ours: readonly Protocol[],
  theirs: readonly Protocol[] = ours,
  options: PairedPeersOptions = {},
): [PairedPeer, PairedPeer] {
  const matches = matchCapabilities(ours, theirs);
  if (matches.length === 0) throw new TypeError('the two sides share no protocol');
  const pipes = matches.map((match) => ({
    match,
    ends: messagePipe({ ...match, capacity: CAPACITY }),
  }));
  const close = (reason: Error): void => {
    for (const { ends } of pipes) ends[0].close(reason);
  };
  const first = new Side(FIRST, theirs, close, options);
  const second = new Side(SECOND, ours, close, options);
  first.other = second;
  second.other = first;
  for (const { match, ends } of pipes) {
    const other = theirs.find((offered) => labelOf(offered) === labelOf(match)) ?? match;
    first.run(match, ends[0]);
    second.run(other, ends[1]);
  }
  return [first, second];
}

/** What each side sees of the other: documentation addresses (RFC 5737) and ids that no key has. */
const FIRST = { id: '22', direction: 'static', remote: '192.0.2.2', local: '192.0.2.1' } as const;
const SECOND = { id: '11', direction: 'inbound', remote: '192.0.2.1', local: '192.0.2.2' } as const;

class Side implements PairedPeer {
  readonly peer: Peer;
  disconnectReason: AskableReason | null = null;
  /** How the peer ended for this side, as a server would say it. */
  ending: PeerEnding | null = null;
  other: Side | null = null;
  readonly #ends: Promise<void>[] = [];
  readonly #close: (reason: Error) => void;
  readonly #options: PairedPeersOptions;

  constructor(
    { id, direction, remote, local }: typeof FIRST | typeof SECOND,
    offered: readonly Capability[],
    close: (reason: Error) => void,
    options: PairedPeersOptions,
  ) {
    this.#close = close;
    this.#options = options;
    this.peer = {
      id: id.repeat(32),
      publicKey: id.repeat(64),
      client: 'paired/1',
      capabilities: [...offered].sort(byNameThenVersion),
      protocols: [],
      direction,
      trusted: false,
      remote: { host: remote, port: 30_303 },
      local: { host: local, port: 30_303 },
      disconnect: (reason = 'requested') => {
        assertAskable(reason);
        this.disconnectReason ??= reason;
        this.#end(reason, reason);
        close(new Error(`the peer disconnected: ${reason}`));
      },
    };
  }

  get done(): Promise<void> {
    return Promise.all(this.#ends).then(() => {});
  }

  run(protocol: Protocol, end: PipeEnd): void {
    const label = labelOf(protocol);
    (this.peer.protocols as string[]).push(label);
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => {}); // `done` reports the error
    const actors = new ProtocolActors({
      ...{ clock: systemClock, random: systemRandom, unixTimeMs, ...this.#options },
      ...{ connectionId: label, logger: SILENT, ending: () => this.ending },
      requests: new RequestTallies(),
      inspection: new Inspection(fail),
      onFault: fail,
    });
    const close = (reason: 'protocolReturned' | 'protocolFailed', theirs: AskableReason): void => {
      actors.close();
      this.#end(reason, theirs);
      this.#close(new Error(`the peer disconnected: ${label} ended`));
    };
    const ended = Promise.race([
      Promise.resolve().then(() => protocol.run(this.peer, end, actors.tools)),
      failed,
    ]).then(
      () => close('protocolReturned', 'clientQuitting'),
      (error: unknown) => {
        close('protocolFailed', 'subprotocolError');
        throw error;
      },
    );
    ended.catch(() => {}); // `done` reports the error
    this.#ends.push(ended);
  }

  /** The first ending counts. */
  #end(ours: string, theirs: AskableReason): void {
    this.ending ??= { outcome: 'rejected', state: `ending.rejected.${ours}`, facts: {} };
    if (this.other)
      this.other.ending ??= { outcome: 'refused', state: `ending.refused.${theirs}`, facts: {} };
  }
}
