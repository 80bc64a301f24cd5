/**
 * The socket of one version of discovery as an actor: reports when it is bound and lost, and checks nodes. Its datagrams
 * go to `Discv4` or `Discv5`, never through here.
 */
import { fromCallback } from 'xstate';

import { type Node, nodeOfRecord } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { DatagramHooks } from '../discovery/datagram-socket.ts';
import type { PingResult, RecordResult } from '../discovery/request-results.ts';
import { thrownText } from '../process/thrown.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import type { DiscoveryNetworkCommand, DiscoveryNetworkEvent } from './discovery-network.ts';

/** What both versions can be asked. Each request ends by itself, and returns its cancel. */
type NodeRequests = {
  ping(node: Node, done: (result: PingResult) => void): () => void;
  requestRecord(node: Node, done: (result: RecordResult) => void): () => void;
};

/** A `Discv4` or a `Discv5` with its socket. */
export type OpenedDiscovery = NodeRequests & {
  readonly local: Endpoint;
  close(): void;
};

export type OpenHooks = Pick<DatagramHooks, 'onLost' | 'onRestored'> & {
  /** The node came to us of its own accord, and has answered at its endpoint. */
  onProven(node: Node): void;
};

/** Binds our address. Rejects when that fails. */
export type OpenDiscovery = (hooks: OpenHooks) => Promise<OpenedDiscovery>;

export const udpNetwork = (open: OpenDiscovery) =>
  fromCallback<DiscoveryNetworkCommand>(({ sendBack, receive }) => {
    const report = (event: DiscoveryNetworkEvent): void => sendBack(event);
    let opened: OpenedDiscovery | null = null;
    let isClosed = false;

    const onOpened = (discovery: OpenedDiscovery): void => {
      if (isClosed) return discovery.close();
      opened = discovery;
      report({ type: 'network.bound', address: discovery.local });
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
      opened?.close();
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
      if (opened) checkNode(opened, node, end);
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
  requests: NodeRequests,
  node: Node,
  done: (node: Node | null) => void,
): () => void {
  let cancelRecord = (): void => {};
  const cancelPing = requests.ping(node, (result) => {
    if (result.type !== 'pong') return done(null);
    if (result.seq === null || result.seq <= (node.record?.seq ?? 0)) return done(node);
    const end = (answer: RecordResult): void =>
      done(answer.type === 'record' ? withRecord(node, answer.record) : node);
    cancelRecord = requests.requestRecord(node, (answer) => {
      // in v4 it did not have our proof yet: by now it has pinged us, and was answered
      if (answer.type === 'timedOut') cancelRecord = requests.requestRecord(node, end);
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
