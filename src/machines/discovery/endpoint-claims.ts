/**
 * Which endpoint our record claims for each address family, and why. Pure.
 * Source: go-ethereum p2p/enode/localnode.go.
 */
import type { EndpointClaim, RecordClaims } from '../../io/crypto/local-record.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';

export type Family = 'ipv4' | 'ipv6';
export const FAMILIES = ['ipv4', 'ipv6'] as const;
export type PerFamily<Value> = Readonly<Record<Family, Value>>;

/** What claims are made of. A host is null when there is none. */
export type ClaimFacts = {
  /** The address that the operator gave. */
  readonly externalHosts: PerFamily<string | null>;
  /** The address that the gateway of our network says it has. */
  readonly gatewayHosts: PerFamily<string | null>;
  /** The endpoint that other nodes see. */
  readonly predicted: PerFamily<Endpoint | null>;
  /** The address we listen at, or the loopback address. */
  readonly fallbackHosts: PerFamily<string | null>;
  /** 0: not bound. */
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Ports of the gateway that lead to ours; null when there is none. */
  readonly mappedPorts: Readonly<Record<'tcp' | 'udp', number | null>>;
};

/**
 * What the operator gave before what the gateway says, that before the predicted endpoint, and the fallback last. Only a
 * predicted endpoint has its own port. Gateways map ports of IPv4.
 */
function claimOf(facts: ClaimFacts, family: Family): EndpointClaim | null {
  const mapped = family === 'ipv4' && facts.udpPort !== 0 ? facts.mappedPorts.udp : null;
  const udpPort = mapped ?? facts.udpPort;
  const external = facts.externalHosts[family];
  if (external !== null) return { why: 'static', host: external, udpPort };
  const gateway = facts.gatewayHosts[family];
  if (gateway !== null) return { why: 'gateway', host: gateway, udpPort };
  const predicted = facts.predicted[family];
  if (predicted) return { why: 'predicted', host: predicted.host, udpPort: predicted.port };
  const fallback = facts.fallbackHosts[family];
  return fallback === null ? null : { why: 'fallback', host: fallback, udpPort };
}

export const claimsOf = (facts: ClaimFacts): RecordClaims => ({
  ipv4: claimOf(facts, 'ipv4'),
  ipv6: claimOf(facts, 'ipv6'),
  tcpPort: facts.tcpPort === 0 ? 0 : (facts.mappedPorts.tcp ?? facts.tcpPort),
  udpPort: facts.udpPort,
});

/** Whether a record with these claims would have the same content. Why an endpoint is claimed is not in it. */
export function haveSameContent(a: RecordClaims | null, b: RecordClaims): boolean {
  const isSame = (family: Family): boolean =>
    a?.[family]?.host === b[family]?.host && a?.[family]?.udpPort === b[family]?.udpPort;
  return a?.tcpPort === b.tcpPort && a.udpPort === b.udpPort && FAMILIES.every(isSame);
}

export const isSameEndpoint = (a: Endpoint | null, b: Endpoint | null): boolean =>
  a?.host === b?.host && a?.port === b?.port;
