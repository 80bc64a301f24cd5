/** What `watch` reports, as objects: with `--json` each is one line, and this file is its documentation. */

import { once } from 'node:events';
import type { FeedIterator } from '../api/event-feed.ts';
import { ethSentenceOf } from '../explain/eth-verdict.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { printableStrings } from '../io/wire/printable.ts';
import type { EthEnding } from '../machines/eth/eth-session.ts';
import type { EthObserver, EthPeer } from '../protocols/eth-observer.ts';
import type { Paint } from './human-line.ts';

export const WATCHED = ['txs', 'blocks', 'peers'] as const;
export type Watched = (typeof WATCHED)[number];

export type WatchReport =
  /** A transaction that a peer announced first. `txType` is that of EIP-2718, `size` in bytes. */
  | {
      readonly type: 'tx';
      readonly hash: string;
      readonly txType: number;
      readonly size: number;
      readonly peer: string;
    }
  /** A block that a peer announced. Numbers of 64 bits are texts. */
  | {
      readonly type: 'block';
      readonly hash: string;
      readonly number: string;
      readonly peer: string;
    }
  /** The blocks that a peer has. */
  | {
      readonly type: 'range';
      readonly earliest: string;
      readonly latest: string;
      readonly latestHash: string;
      readonly peer: string;
    }
  /** A node that accepts us, as we accept it. `forkId` is the hash and the next fork of its Status. */
  | {
      readonly type: 'peer';
      readonly id: string;
      readonly client: string;
      readonly remote: string;
      readonly protocol: string;
      readonly networkId: string;
      readonly forkId: string;
      /** Number of its latest block; null for eth/68. */
      readonly latest: string | null;
    }
  /** `state` is how its session of eth ended, `why` the sentence of that state, `peer` how the peer ended if that came first. */
  | {
      readonly type: 'peer.ended';
      readonly id: string;
      readonly client: string;
      readonly state: string;
      readonly why: string;
      readonly peer: string | null;
    }
  /** The last one. `dropped` were not written, because they came faster than they were read. */
  | {
      readonly type: 'watch.ended';
      readonly what: Watched;
      readonly reports: number;
      readonly dropped: number;
    };

type Parts = { readonly observer: EthObserver; readonly signal: AbortSignal };

type Write = (report: WatchReport) => void;

/** Each begins at once, and reads until the signal. Resolves with the number of items that it missed. */
export const FEEDS: Readonly<Record<Watched, (parts: Parts, write: Write) => Promise<number>>> = {
  txs: ({ observer, signal }, write) =>
    readAll(observer.txHashes({ signal }), ({ hash, type, size, peerId }) =>
      write({ type: 'tx', hash, txType: type, size, peer: peerId }),
    ),

  async blocks({ observer, signal }, write) {
    const blocks = readAll(observer.newBlocks({ signal }), ({ hash, number, peerId }) =>
      write({ type: 'block', hash, number: `${number}`, peer: peerId }),
    );
    const ranges = readAll(
      observer.blockRanges({ signal }),
      ({ earliest, latest, latestHash, peerId }) =>
        write({
          ...{ type: 'range', earliest: `${earliest}`, latest: `${latest}`, latestHash },
          peer: peerId,
        }),
    );
    return (await blocks) + (await ranges);
  },

  async peers({ observer, signal }, write) {
    const listeners = [
      observer.on('confirmed', ({ session }) => write(peerReport(session))),
      observer.on('ended', ({ session, ending }) => write(endReport(session, ending))),
    ];
    if (!signal.aborted) await once(signal, 'abort');
    for (const remove of listeners) remove();
    return 0;
  },
};

async function readAll<Item>(items: FeedIterator<Item>, take: (item: Item) => void) {
  for await (const item of items) take(item);
  return items.dropped;
}

function peerReport({ peer, version, theirs, blockRange }: EthPeer): WatchReport {
  const { id, client, remote } = peer;
  const { networkId = 0n, forkId } = theirs ?? {};
  return {
    ...{ type: 'peer', id, client, remote: formatEndpoint(remote), protocol: `eth/${version}` },
    ...{ networkId: `${networkId}`, forkId: forkId ? `${forkId.hash}/${forkId.next}` : '' },
    latest: blockRange && `${blockRange.latest}`,
  };
}

function endReport({ peer }: EthPeer, { state, facts }: EthEnding): WatchReport {
  const { id, client } = peer;
  const how = typeof facts['peer'] === 'string' ? facts['peer'] : null;
  return { type: 'peer.ended', id, client, state, why: ethSentenceOf(state), peer: how };
}

/** Hex digits of an id or a hash of which the rest is left out. */
const SHORT_CHARS = 8;
const short = (id: string): string => id.slice(0, SHORT_CHARS);

export function watchLine(given: WatchReport, paint: Paint): string {
  const report = printableStrings(given);
  switch (report.type) {
    case 'tx':
      return `${report.hash} type ${report.txType}, ${report.size} bytes, from ${short(report.peer)}`;
    case 'block':
      return `${paint('bold', report.number)} ${report.hash} from ${short(report.peer)}`;
    case 'range':
      return `${paint('bold', report.latest)} ${report.latestHash} from ${short(report.peer)}, which has blocks from ${report.earliest} on`;
    case 'peer': {
      const { id, client, remote, protocol, networkId, forkId, latest } = report;
      const blocks = latest === null ? '' : `, latest block ${latest}`;
      return `${paint('green', '+')} ${short(id)} ${remote} "${client}" ${protocol}, network ${networkId}, fork id ${forkId}${blocks}`;
    }
    case 'peer.ended':
      return `${paint('red', '-')} ${short(report.id)} "${report.client}" ${report.why} ${paint('dim', `[${report.peer ?? report.state}]`)}`;
    case 'watch.ended': {
      const { reports, dropped } = report;
      return `${reports} in all${dropped > 0 ? `, ${dropped} more not shown` : ''}`;
    }
  }
}
