/** `peerchart discv4 listen`: answers pings over UDP and prints who sends them, until Ctrl-C. It names no nodes to others. */
import { once } from 'node:events';

import { type Node, nodeAt } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';
import { type Endpoint, formatEndpoint } from '../io/wire/endpoint.ts';
import { formatRecord } from '../io/wire/enr.ts';
import { openNodeKey } from '../server/node-key-file.ts';
import { openDiscv4 } from './discv4-node.ts';
import { MAX_LINES_PER_SECOND, MAX_UNREAD_BYTES } from './report-writer.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type Discv4ListenOptions = {
  readonly host: string;
  readonly port: number;
  /** Created when it is missing; without one, each run has a new key. */
  readonly nodekey?: string;
  readonly allowReadableKey?: boolean;
  readonly json?: boolean;
};

export type Discv4ListenReport =
  | {
      readonly type: 'discv4.listening';
      readonly id: string;
      readonly enode: string;
      readonly enr: string;
      readonly address: string;
    }
  | {
      readonly type: 'discv4.ping';
      readonly id: string;
      readonly enode: string;
      /** Sequence number of their record; null when they have none. */
      readonly seq: number | null;
      /** Whether the node had answered a ping of ours before. */
      readonly proven: boolean;
    }
  /** The node has answered our ping: it is reached at its address. */
  | { readonly type: 'discv4.proven'; readonly id: string; readonly enode: string }
  /** Reports that were left out, because they were too many. */
  | { readonly type: 'reports.lost'; readonly count: number };

/** @throws {CommandError} The address cannot be bound. @throws {KeyFileError} */
export async function discv4Listen(
  { host, port, nodekey, allowReadableKey, json }: Discv4ListenOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const { signal, stdout } = terminal;
  const perSecond = MAX_LINES_PER_SECOND;
  const lines = new TokenBucket({ clock, size: perSecond, perSecond });
  let lost = 0;
  const print = (report: Discv4ListenReport): void => {
    const line = json
      ? timedJson(report, terminal)
      : timedLines(() => sentenceOf(report), terminal);
    stdout.write(`${line}\n`);
  };
  /** Others cause these. */
  const printLimited = (report: Discv4ListenReport): void => {
    if (stdout.writableLength > MAX_UNREAD_BYTES || !lines.take()) {
      lost += 1;
      return;
    }
    if (lost > 0) print({ type: 'reports.lost', count: lost });
    lost = 0;
    print(report);
  };
  const key =
    nodekey === undefined
      ? generateNodeKey()
      : await openNodeKey(nodekey, { allowReadable: allowReadableKey === true });
  const { discv4, record } = await openDiscv4(
    {
      address: { host, port },
      ...{ key, clock },
      hooks: {
        onPing: ({ node, seq, isProven: proven }) =>
          printLimited({ type: 'discv4.ping', ...named(node), seq, proven }),
        onProven: ({ node }) => printLimited({ type: 'discv4.proven', ...named(node) }),
      },
    },
    terminal,
  );
  const { id, publicKey } = key;
  const place = shownHost(discv4.local);
  print({
    type: 'discv4.listening',
    id,
    enode: nodeAt({ id, publicKey, ...place, udpPort: discv4.local.port, tcpPort: 0 }).text,
    enr: formatRecord(record.bytes),
    address: formatEndpoint(discv4.local),
  });
  if (!signal.aborted) await once(signal, 'abort');
  discv4.close();
  return 0;
}

const named = ({ id, text }: Node) => ({ id, enode: text });

/** One that listens on every address is reached on the loopback address. */
const shownHost = ({ host }: Endpoint): { readonly host: string } => ({
  host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host,
});

function sentenceOf(report: Discv4ListenReport): string {
  switch (report.type) {
    case 'discv4.listening':
      return `${report.enode}\nlistening on ${report.address}\n${report.enr}`;
    case 'discv4.ping':
      return `ping  ${report.enode}${report.seq === null ? '' : ` record ${report.seq}`}${report.proven ? '' : ' (new)'}`;
    case 'discv4.proven':
      return `pong  ${report.enode}`;
    case 'reports.lost':
      return `${report.count} lines left out`;
  }
}
