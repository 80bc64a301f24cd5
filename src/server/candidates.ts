/** Where nodes to dial come from: the option, protocols and discovery, mixed when there are several. */
import type { NodeLike } from '../io/crypto/node.ts';
import { FairMix } from '../io/discovery/fair-mix.ts';
import type { ServerConfig } from './config.ts';
import type { Discoveries } from './discoveries.ts';
import type { DnsTrees } from './dns-trees.ts';

type Sources = Pick<Discoveries, 'isEmpty' | 'walks' | 'hasFound' | 'resolver'>;

/** Called when one of several sources has ended, or failed with `error`. */
type OnSourceEnded = (name: string, error: unknown) => void;

type WithoutDiscovery = Pick<
  ServerConfig,
  'candidates' | 'hasCandidates' | 'protocolCandidates' | 'candidateWaitMs' | 'isCandidateHost'
> & { readonly ports: Pick<ServerConfig['ports'], 'clock' | 'nodeResolver'> };

/** The configuration with all sources of nodes as one, and with discovery as the one who resolves nodes. */
export function withSources<Config extends WithoutDiscovery>(
  config: Config,
  discoveries: Sources,
  dnsTrees: DnsTrees | null,
  onSourceEnded: OnSourceEnded,
): Config {
  const { candidates, hasCandidates, protocolCandidates, candidateWaitMs, ports } = config;
  const { clock } = ports;
  if (discoveries.isEmpty && !dnsTrees && protocolCandidates.length === 0) return config;
  /** Opened by who reads it, as a source alone is. */
  const mixed = {
    [Symbol.asyncIterator]: (): AsyncIterator<NodeLike> => {
      const mix = new FairMix<NodeLike>({ clock, waitMs: candidateWaitMs, onSourceEnded });
      if (hasCandidates) mix.add('candidates', candidates);
      for (const { name, nodes } of protocolCandidates) mix.add(name, nodes);
      for (const { name, nodes } of discoveries.walks()) mix.add(name, nodes);
      if (dnsTrees) mix.add('dns', dnsTrees.walk());
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
