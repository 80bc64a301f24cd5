/** A byte stream to one remote, over TCP or in memory: the only view of a socket that links and machines have. */
import type { Duplex } from 'node:stream';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.ts';
import { plainHost } from '../wire/ip-address.ts';
import type { CloseKind } from './link-events.ts';

export type ByteStream = {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Paused until a reader is attached; has had an `error` listener since the tick it was created. */
  readonly duplex: Duplex;
  /** Safe at any time and more than once. */
  destroy(): void;
  toJSON(): string;
};

/** Wraps a duplex and attaches an `error` listener, so that a reset does not end the process. */
export function byteStream(duplex: Duplex, remote: Endpoint, local: Endpoint): ByteStream {
  duplex.on('error', () => {}); // 'close' follows; readers add an error listener of their own
  const there = plainEnd(remote);
  return {
    remote: there,
    local: plainEnd(local),
    duplex,
    destroy: () => void duplex.destroy(),
    toJSON: () => `[stream ${formatEndpoint(there)}]`,
  };
}

/** A socket of both families has IPv4 callers as `::ffff:192.0.2.1`. */
const plainEnd = ({ host, port }: Endpoint): Endpoint => ({ host: plainHost(host), port });

/** Codes of the system when the remote closed without an orderly end. */
const RESETS = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** @param error The error of the stream before it closed; null when there was none. */
export function closeKindOf(error: NodeJS.ErrnoException | null): CloseKind {
  if (!error) return 'closed';
  return RESETS.has(error.code ?? '') ? 'reset' : 'broken';
}
