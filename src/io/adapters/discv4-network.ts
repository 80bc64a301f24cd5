/**
 * The socket of discovery as an actor: reports when it is bound and lost, and checks nodes. Its datagrams go to `Discv4`,
 * never through here.
 */
import { fromCallback } from 'xstate';

import { type Node, nodeOfRecord } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { DatagramHooks } from '../discovery/datagram-socket.ts';
import type { Discv4 } from '../discovery/discv4.ts';
import type { RecordResult } from '../discovery/request-results.ts';
import { thrownText } from '../process/thrown.ts';
import type { DiscoveryNetworkCommand, DiscoveryNetworkEvent } from './discovery-network.ts';

/** Binds our address. Rejects when that fails. */
export type OpenDiscv4 = (
  hooks: Pick<DatagramHooks, 'onLost' | 'onRestored'> & { onProven(node: Node): void },
) => Promise<Discv4>;

export const discv4Network = (open: OpenDiscv4) =>
  fromCallback<DiscoveryNetworkCommand>(({ sendBack, receive }) => {
    const report = (event: DiscoveryNetworkEvent): void => sendBack(event);
    let discv4: Discv4 | null = null;
    let isClosed = false;

    const onOpened = (opened: Discv4): void => {
      if (isClosed) return opened.close();
      discv4 = opened;
      report({ type: 'network.bound', address: opened.local });
    };
    open({
      onLost: (message, retryInMs) => report({ type: 'network.lost', message, retryInMs }),
      onRestored: () => report({ type: 'network.restored' }),
      onProven: (node) => report({ type: 'node.proven', node }),
    }).then(onOpened, (error: unknown) =>
      report({ type: 'network.failed', message: thrownText(error) }),
    );

    const close = (): void => {
      isClosed = true;
      discv4?.close();
    };
    receive((command) => {
      if (command.type === 'close') {
        close();
        return report({ type: 'network.closed' });
      }
      const { node } = command;
      const end = (found: Node | null): void =>
        report(
          found
            ? { type: 'check.answered', id: node.id, node: found }
            : { type: 'check.failed', id: node.id },
        );
      if (discv4) checkNode(discv4, node, end);
      else end(null);
    });
    return close;
  });

/**
 * Pings the node, and asks it for its record when its pong says that there is a newer one.
 *
 * @param done Called once, perhaps before this returns: with the node as its newest record describes it, or null when it
 *   did not answer.
 * @returns Cancels: `done` is not called after it.
 */
export function checkNode(
  discv4: Discv4,
  node: Node,
  done: (node: Node | null) => void,
): () => void {
  let cancelRecord = (): void => {};
  const cancelPing = discv4.ping(node, (result) => {
    if (result.type !== 'pong') return done(null);
    if (result.seq === null || result.seq <= (node.record?.seq ?? 0)) return done(node);
    const end = (answer: RecordResult): void =>
      done(answer.type === 'record' ? withRecord(node, answer.record) : node);
    cancelRecord = discv4.requestRecord(node, (answer) => {
      // it did not have our proof yet: by now it has pinged us, and was answered
      if (answer.type === 'timedOut') cancelRecord = discv4.requestRecord(node, end);
      else end(answer);
    });
  });
  return () => {
    cancelPing();
    cancelRecord();
  };
}

/** A record without an address leaves the node where it answered. */
export function withRecord(node: Node, record: NodeRecord): Node {
  const found = nodeOfRecord(record);
  return found.hostKind === 'none' || found.udpPort === 0 ? node : found;
}
