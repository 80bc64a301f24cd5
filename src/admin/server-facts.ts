/** What a running server says about itself to `peerchart doctor`: plain JSON, from its charts and its metrics. */
import type { DiscoveryFacts } from '../explain/discovery-status.ts';
import type { ConnectionFacts, ServerFacts } from '../explain/doctor-facts.ts';
import { FAMILIES } from '../machines/discovery/endpoint-claims.ts';
import { discoveryFacts } from '../server/discovery-facts.ts';
import { ownRecord } from '../server/own-record.ts';
import type { Server } from '../server.ts';

/** @param observedMs How long it has run, in ms. */
export async function serverFacts(server: Server, observedMs: number): Promise<ServerFacts> {
  const { context, children } = server.actor.getSnapshot();
  const { input, address } = context;
  const mapper = children.portMapping?.getSnapshot().context;
  const bootnodes = input.dial.bootnodes.length;
  const samples = await samplesOf(server);
  return {
    ...{ observedMs, peers: server.peerCount, maxPeers: input.rules.maxPeers },
    offersNothing: input.rules.capabilities.length === 0,
    isDialling: input.dial.rules.maxActive > 0 && input.dial.rules.maxDialed > 0,
    otherSources: input.dial.statics.length + server.dnsTrees.length + otherCandidates(input),
    listening: address,
    record: ownRecord(server.actor) && { hosts: claimedHosts(children.localNode) },
    gateway: mapper
      ? {
          name: mapper.gateway?.name ?? null,
          host: mapper.hosts.ipv4,
          tcpPort: mapper.mappings.tcp.externalPort,
          fault: mapper.fault,
        }
      : null,
    discovery: {
      v4: tableFacts(children.discovery, bootnodes, server.discovery),
      v5: tableFacts(children.discoveryV5, bootnodes, server.discoveryV5),
    },
    dials: connectionFacts(samples, 'dial'),
    inbound: connectionFacts(samples, 'serve'),
  };
}

type ServerSnapshot = ReturnType<Server['actor']['getSnapshot']>;
type Children = ServerSnapshot['children'];

/** Candidates of a program: with discovery they cannot be told from its nodes. */
const otherCandidates = ({ dial, discovery, discoveryV5 }: ServerSnapshot['context']['input']) =>
  dial.hasCandidates && !discovery && !discoveryV5 ? 1 : 0;

function claimedHosts(localNode: Children['localNode']): readonly string[] {
  const claims = localNode?.getSnapshot().context.attempted;
  return FAMILIES.flatMap((family) => claims?.[family]?.host ?? []);
}

function tableFacts(
  actor: Children['discovery'],
  given: number,
  table: Server['discovery'] | Server['discoveryV5'],
): DiscoveryFacts | null {
  const snapshot = actor?.getSnapshot();
  if (!snapshot || !table) return null;
  const bootnodes = Math.max(given, snapshot.context.bootnodes.length);
  return discoveryFacts(snapshot, { bootnodes, stats: table.stats() });
}

type Samples = readonly {
  readonly name: string;
  readonly reason: string;
  readonly value: number;
}[];

async function samplesOf({ metrics }: Server): Promise<Samples> {
  const families = await metrics.getMetricsAsJSON();
  return families.flatMap(({ name, values }) =>
    values.map(({ labels, value }) => ({ name, reason: String(labels['reason'] ?? ''), value })),
  );
}

function connectionFacts(samples: Samples, one: 'dial' | 'serve'): ConnectionFacts {
  const of = (name: string) =>
    samples.filter((sample) => sample.name === `peerchart_p2p_${name}_total`);
  const sum = (name: string): number => of(name).reduce((all, { value }) => all + value, 0);
  return {
    attempts: sum(`${one}s`),
    successes: sum(`${one}_successes`),
    errors: Object.fromEntries(of(`${one}_errors`).map(({ reason, value }) => [reason, value])),
  };
}
