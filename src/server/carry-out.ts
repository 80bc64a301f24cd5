/** Carries out what the machine of the server decided, and reports endings with their explanation. */
import type { EventFeed } from '../api/event-feed.ts';
import type { ServerEvents } from '../api/server-events.ts';
import { explain, type Outcome } from '../explain/explain.ts';
import { explainHeldBack } from '../explain/held-back.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import type { ServerEmitted } from '../machines/server/server-events.ts';
import type { ServerLog } from '../telemetry/server-log.ts';
import type { Circumstances } from './circumstances.ts';
import type { ServerConfig } from './config.ts';
import type { Connections } from './connections.ts';
import type { Discoveries } from './discoveries.ts';
import type { DnsTrees } from './dns-trees.ts';
import { warnOfFewFiles } from './file-limit-warning.ts';
import type { ProtocolHooks } from './protocol-hooks.ts';

export type ServerParts = {
  readonly config: ServerConfig;
  readonly feed: EventFeed<ServerEvents>;
  readonly connections: Connections;
  readonly discoveries: Discoveries;
  /** Null for a server without DNS node lists. */
  readonly dnsTrees: DnsTrees | null;
  readonly circumstances: Circumstances;
  readonly protocolHooks: ProtocolHooks;
  readonly log: ServerLog;
};

export function carryOut(event: ServerEmitted, parts: ServerParts): void {
  const { config, feed, connections, discoveries, log } = parts;
  switch (event.type) {
    case 'started':
      parts.protocolHooks.start();
      return warnOfFewFiles(config, log);
    case 'start.failed':
    case 'peers.snapshot':
    case 'peers.unavailable':
    case 'candidates.failed':
    case 'static.released':
    case 'peer.churned':
    case 'churn.skipped':
    case 'store.faulted':
    case 'record.failed':
    case 'gateway.faulted':
      return; // RunLoopClient, the log and the metrics handle these
    case 'stopped':
      parts.protocolHooks.stop();
      return feed.close();
    case 'part.lost':
      return feed.emit({ ...event, type: 'lost' });
    case 'listener.restored':
      return feed.emit({ ...event, type: 'restored', part: 'listener' });
    case 'discovery.restored':
      return reportDiscoveryRestored(event.version, parts);
    case 'lookup.wanted':
      return discoveries.startLookup(event);
    case 'connection.accepted':
      return connections.setups.accept(event.stream, event.slot);
    case 'connection.replaced':
      return connections.setups.replace(event.slot);
    case 'callers.turnedAway':
      return feed.emit({ ...event, type: 'turnedAway' });
    case 'dial.wanted':
      return connections.dials.start(event);
    case 'dial.unwanted':
      return connections.dials.cancel(event.id, event.why);
    case 'static.heldBack':
      return feed.emit({
        ...event,
        type: 'heldBack',
        explanation: explainHeldBack({ ...event, nodes: event.nodes.length }),
      });
    case 'static.blocked':
      return connections.dials.refuse(event);
    case 'peer.dismissed':
      return connections.peers.dismiss(event.connectionId, event.reason);
    case 'peer.removed':
      return reportRemoved(event, parts);
    case 'pending.aborted':
      discoveries.abort();
      parts.dnsTrees?.close();
      return connections.abort();
    case 'connections.destroyed':
      discoveries.destroy();
      parts.dnsTrees?.destroy();
      return connections.destroy();
  }
}

/** @param id Null when it does not matter whether the node was a peer before. */
export function reportEnding(
  ending: Outcome,
  id: string | null,
  { feed, circumstances }: Pick<ServerParts, 'feed' | 'circumstances'>,
): void {
  const outcome = { ...ending, ...circumstances.of(id) };
  feed.emit({ ...outcome, explanation: explain(outcome) });
}

function reportDiscoveryRestored(
  version: DiscoveryVersionName,
  { feed, discoveries }: ServerParts,
): void {
  const address = discoveries.addressOf(version);
  const part = version === 'v4' ? 'discovery' : 'discoveryV5';
  if (address) feed.emit({ type: 'restored', part, address });
}

function reportRemoved(
  { entry, ending }: Extract<ServerEmitted, { type: 'peer.removed' }>,
  parts: ServerParts,
): void {
  const { connectionId } = entry;
  const { peers } = parts.connections;
  const peer = peers.get(connectionId);
  if (!peer) return; // its connection failed between admission and announcement
  const effort = peers.statsOf(connectionId);
  peers.forget(connectionId);
  reportEnding({ type: 'drop', peer, connectionId, ...ending, ...effort }, null, parts);
  parts.circumstances.peerEnded(peer.id);
}
