/** Where nodes to dial come from: the option, protocols and discovery, mixed when there are several. */
import type { NodeLike } from '../io/crypto/node.ts';
import { FairMix } from '../io/discovery/fair-mix.ts';
import type { CandidateFilter } from './candidate-filter.ts';
import type { ServerConfig } from './config.ts';
import type { Discoveries } from './discoveries.ts';
import type { DnsTrees } from './dns-trees.ts';

type Sources = Pick<Discoveries, 'isEmpty' | 'walks' | 'hasFound' | 'resolver'>;

type MixHooks = {
  /** Null: every node may be dialled. */
  readonly filter: CandidateFilter | null;
  /** Called when one of several sources has ended, or failed with `error`. */
  readonly onSourceEnded: (name: string, error: unknown) => void;
};

type WithoutDiscovery = Pick<
  ServerConfig,
  'candidates' | 'hasCandidates' | 'protocolCandidates' | 'candidateWaitMs' | 'isCandidateHost'
> & { readonly ports: Pick<ServerConfig['ports'], 'clock' | 'nodeResolver'> };

/** The configuration with all sources of nodes as one, and with discovery as the one who resolves nodes. */
export function withSources<Config extends WithoutDiscovery>(
  config: Config,
  discoveries: Sources,
  dnsTrees: DnsTrees | null,
  { filter, onSourceEnded }: MixHooks,
): Config {
  const { candidates, hasCandidates, protocolCandidates, candidateWaitMs, ports } = config;
  const { clock } = ports;
  const isAlone = discoveries.isEmpty && !dnsTrees && protocolCandidates.length === 0;
  if (isAlone && !(filter && hasCandidates)) return config;
  /** Opened by who reads it, as a source alone is. */
  const mixed = {
    [Symbol.asyncIterator]: (): AsyncIterator<NodeLike> => {
      const mix = new FairMix<NodeLike>({ clock, waitMs: candidateWaitMs, onSourceEnded });
      const add = (name: string, nodes: AsyncIterable<NodeLike>): void =>
        mix.add(name, filter ? filter.of(name, nodes) : nodes);
      if (hasCandidates) add('candidates', candidates);
      for (const { name, nodes } of protocolCandidates) add(name, nodes);
      for (const { name, nodes } of discoveries.walks()) add(name, nodes);
      if (dnsTrees) add('dns', dnsTrees.walk());
      return mix;
    },
  };
  return {
    ...config,
    candidates: mixed,
    hasCandidates: true,
    isCandidateHost: (host: string) => config.isCandidateHost(host) || discoveries.hasFound(host),
    ports: { ...ports, nodeResolver: ports.nodeResolver ?? discoveries.resolver() },
  };
}
