/**
 * Which protocols both sides run over one connection, and where each one's message ids begin.
 * Source: devp2p/rlpx.md, "Message ID-based Multiplexing"; go-ethereum p2p/peer.go.
 */
import type { Capability } from '../../io/wire/hello.ts';

/** Message ids below this belong to the base protocol. */
const FIRST_OFFSET = 16;

/** A capability with the number of message ids it needs. */
export type OfferedProtocol = Capability & { readonly length: number };

export type ProtocolMatch<Offered extends OfferedProtocol> = Offered & {
  /** First message id on the wire; the protocol's own ids start at 0. */
  readonly offset: number;
};

/** Name ascending by code unit, then version ascending: the order both sides must agree on. */
export function byNameThenVersion(a: Capability, b: Capability): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.version - b.version;
}

/** Such as `eth/69`. */
export const labelOf = ({ name, version }: Capability): string => `${name}/${version}`;

/** One match for each shared name, the highest common version, offsets without gaps in the order of names. */
export function matchCapabilities<Offered extends OfferedProtocol>(
  ours: readonly Offered[],
  theirs: readonly Capability[],
): readonly ProtocolMatch<Offered>[] {
  const best = new Map<string, Offered>();
  for (const { name, version } of [...theirs].sort(byNameThenVersion)) {
    const protocol = ours.find((own) => own.name === name && own.version === version);
    if (protocol) best.set(name, protocol); // ascending versions: the last one set is the highest
  }
  let offset = FIRST_OFFSET;
  return [...best.values()].map((protocol) => {
    const match = { ...protocol, offset };
    offset += protocol.length;
    return match;
  });
}
