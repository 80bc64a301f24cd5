/** `peerchart discv5 listen`: answers pings over UDP and prints who sends them, until Ctrl-C. It names no nodes to others. */
import { once } from 'node:events';

import type { Node } from '../io/crypto/node.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { formatRecord } from '../io/wire/enr.ts';
import { openNodeKey } from '../server/node-key-file.ts';
import { openDiscv5 } from './discv5-node.ts';
import { MAX_LINES_PER_SECOND, MAX_UNREAD_BYTES } from './report-writer.ts';
import type { Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type Discv5ListenOptions = {
  readonly host: string;
  readonly port: number;
  /** Created when it is missing; without one, each run has a new key. */
  readonly nodekey?: string;
  readonly allowReadableKey?: boolean;
  /** Messages of this protocol are answered with the same bytes. */
  readonly talk?: string;
  readonly json?: boolean;
};

export type Discv5ListenReport =
  | {
      readonly type: 'discv5.listening';
      readonly id: string;
      readonly enr: string;
      readonly address: string;
    }
  | {
      readonly type: 'discv5.ping';
      readonly id: string;
      /** The node as its record says. */
      readonly node: string;
      /** Where the ping came from. */
      readonly from: string;
      readonly seq: number;
    }
  | {
      readonly type: 'discv5.talk';
      readonly id: string;
      readonly node: string;
      readonly from: string;
      readonly bytes: number;
    }
  /** Reports that were left out, because they were too many. */
  | { readonly type: 'reports.lost'; readonly count: number };

/** @throws {CommandError} The address cannot be bound. @throws {KeyFileError} */
export async function discv5Listen(
  { host, port, nodekey, allowReadableKey, talk, json }: Discv5ListenOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const { signal, stdout } = terminal;
  const perSecond = MAX_LINES_PER_SECOND;
  const lines = new TokenBucket({ clock, size: perSecond, perSecond });
  let lost = 0;
  const print = (report: Discv5ListenReport): void => {
    const line = json
      ? timedJson(report, terminal)
      : timedLines(() => sentenceOf(report), terminal);
    stdout.write(`${line}\n`);
  };
  /** Others cause these. */
  const printLimited = (report: Discv5ListenReport): void => {
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
  const { discv5, record } = await openDiscv5(
    {
      address: { host, port },
      ...{ key, clock },
      hooks: {
        onPing: ({ node, from, seq }) =>
          printLimited({ type: 'discv5.ping', ...named(node), from: formatEndpoint(from), seq }),
      },
    },
    terminal,
  );
  if (talk !== undefined)
    discv5.handleTalk(talk, ({ node, from, payload }) => {
      const { length: bytes } = payload;
      printLimited({ type: 'discv5.talk', ...named(node), from: formatEndpoint(from), bytes });
      return payload;
    });
  print({
    type: 'discv5.listening',
    id: key.id,
    enr: formatRecord(record.bytes),
    address: formatEndpoint(discv5.local),
  });
  if (!signal.aborted) await once(signal, 'abort');
  discv5.close();
  return 0;
}

const named = ({ id, text }: Node) => ({ id, node: text });

function sentenceOf(report: Discv5ListenReport): string {
  switch (report.type) {
    case 'discv5.listening':
      return `${report.enr}\nlistening on ${report.address}`;
    case 'discv5.ping':
      return `ping  ${report.node} from ${report.from}, record ${report.seq}`;
    case 'discv5.talk':
      return `talk  ${report.node} from ${report.from}, ${report.bytes} bytes`;
    case 'reports.lost':
      return `${report.count} lines left out`;
  }
}
