/** The table of discovery as users hold it. See `api/discovery-table.ts`. */
import type { DiscoveryTable, DiscoveryTableV5, LookupOptions } from '../api/discovery-table.ts';
import { TalkError } from '../api/talk-error.ts';
import { type Node, type NodeLike, parseNode } from '../io/crypto/node.ts';
import type { Random } from '../io/crypto/primitives.ts';
import { publicKeyHex } from '../io/crypto/public-key.ts';
import type { Discv5Stats } from '../io/discovery/discv5-counts.ts';
import type { TalkResult } from '../io/discovery/request-results.ts';
import type { TalkHandler } from '../io/discovery/talk-handlers.ts';
import { entriesOf, type NodeTable } from '../machines/discovery/table.ts';
import type { Discovery } from './discovery.ts';
import type { DiscoveryV5 } from './discovery-v5.ts';

type DiscoveryTableParts<Stats> = {
  /** Null while discovery is not running. */
  readonly table: () => NodeTable | null;
  /** Null while the socket is not bound. */
  readonly stats: () => Stats | null;
  readonly random: Random;
};

export class ServerDiscoveryTable<Stats> implements DiscoveryTable<Stats> {
  readonly #discovery: Discovery;
  readonly #parts: DiscoveryTableParts<Stats>;

  constructor(discovery: Discovery, parts: DiscoveryTableParts<Stats>) {
    this.#discovery = discovery;
    this.#parts = parts;
  }

  nodes(): readonly Node[] {
    const table = this.#parts.table();
    const entries = table ? entriesOf(table) : [];
    return [true, false].flatMap((isLive) =>
      entries.filter((entry) => entry.isLive === isLive).map(({ node }) => node),
    );
  }

  readRandomNodes(count: number): readonly Node[] {
    const table = this.#parts.table();
    const live = table ? entriesOf(table).filter(({ isLive }) => isLive) : [];
    const draws = new DataView(this.#parts.random(4 * live.length).slice().buffer);
    return live
      .map(({ node }, index) => ({ node, draw: draws.getUint32(4 * index) }))
      .sort((a, b) => a.draw - b.draw)
      .slice(0, count)
      .map(({ node }) => node);
  }

  lookup(target: NodeLike, options: LookupOptions = {}): AsyncIterable<Node> {
    const key = publicKeyHex(parseNode(target).publicKey);
    return lookupNodes(this.#discovery, key, options);
  }

  resolve(node: NodeLike, { signal }: LookupOptions = {}): Promise<Node | null> {
    const wanted = parseNode(node);
    if (signal?.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const end = (found: Node | null): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve(found);
      };
      const onAbort = (): void => {
        cancel();
        end(null);
      };
      signal?.addEventListener('abort', onAbort);
      const cancel = this.#discovery.resolve(wanted, end);
    });
  }

  stats(): Stats | null {
    return this.#parts.stats();
  }
}

export class ServerDiscoveryTableV5
  extends ServerDiscoveryTable<Discv5Stats>
  implements DiscoveryTableV5
{
  readonly #protocol: Pick<DiscoveryV5, 'talk' | 'handleTalk'>;

  constructor(
    discovery: Discovery,
    protocol: Pick<DiscoveryV5, 'talk' | 'handleTalk'>,
    parts: DiscoveryTableParts<Discv5Stats>,
  ) {
    super(discovery, parts);
    this.#protocol = protocol;
  }

  talk(
    node: NodeLike,
    protocol: string,
    payload: Uint8Array,
    { signal }: LookupOptions = {},
  ): Promise<Uint8Array> {
    const asked = parseNode(node);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort);
      const end = (result: TalkResult): void => {
        signal?.removeEventListener('abort', onAbort);
        if (result.type === 'response') resolve(result.payload);
        else reject(new TalkError(result.type === 'timedOut' ? 'timedOut' : result.why));
      };
      const cancel = this.#protocol.talk(asked, protocol, payload, end);
    });
  }

  handleTalk(protocol: string, handler: TalkHandler): () => void {
    return this.#protocol.handleTalk(protocol, handler);
  }
}

/** @param target Public key, 128 hex digits; null for a random one. */
async function* lookupNodes(
  discovery: Pick<Discovery, 'lookUp'>,
  target: string | null,
  { signal }: LookupOptions = {},
): AsyncGenerator<Node, void> {
  if (signal?.aborted) return;
  /** Bounded by what one lookup finds. */
  const found: Node[] = [];
  let isOver = false;
  let wake = (): void => {};
  const cancel = discovery.lookUp(target, {
    onFound: (node) => {
      found.push(node);
      wake();
    },
    onEnd: () => {
      isOver = true;
      wake();
    },
  });
  signal?.addEventListener('abort', cancel);
  try {
    while (!signal?.aborted) {
      const node = found.shift();
      if (node) yield node;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
