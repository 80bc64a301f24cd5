/** A byte stream to one remote, from TCP or from memory: what the link and the machines see of a socket. */
import type { Duplex } from 'node:stream';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.ts';
import type { CloseKind } from './link-events.ts';

export type ByteStream = {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Paused until somebody reads; has an `error` listener since the tick it appeared. */
  readonly duplex: Duplex;
  /** Safe at any time and more than once. */
  destroy(): void;
  toJSON(): string;
};

/** Names a duplex; attaches the error listener that keeps a reset from killing the process. */
export function byteStream(duplex: Duplex, remote: Endpoint, local: Endpoint): ByteStream {
  duplex.on('error', () => {}); // 'close' follows; whoever reads hears the error through its own listener
  return {
    remote,
    local,
    duplex,
    destroy: () => void duplex.destroy(),
    toJSON: () => `[stream ${formatEndpoint(remote)}]`,
  };
}

/** What the system says when the far end is gone without an orderly end. */
const RESETS = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** By the error a stream had before it closed, if any. */
export function closeKindOf(error: NodeJS.ErrnoException | null): CloseKind {
  if (!error) return 'closed';
  return RESETS.has(error.code ?? '') ? 'reset' : 'broken';
}
