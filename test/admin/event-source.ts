/** The events of a server without the server. */
import type { Peer } from '../../src/api/peer.ts';
import type { ServerEvents } from '../../src/api/server-events.ts';
import type { ObservedServer } from '../../src/server/observation.ts';

type Listener = (event: never) => void;

export type EventSource = Pick<ObservedServer, 'on'> & {
  readonly listeners: number;
  /** Only the fields that matter to a test are needed. */
  emit(type: keyof ServerEvents, event: object): void;
};

export function eventSource(): EventSource {
  const listeners = new Set<{ readonly type: string; readonly listener: Listener }>();
  return {
    get listeners() {
      return listeners.size;
    },
    on: (type, listener) => {
      const entry = { type, listener: listener as Listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    emit: (type, event) => {
      for (const entry of listeners)
        if (entry.type === type) entry.listener({ type, ...event } as never);
    },
  };
}

export const somePeer = (fields: Partial<Peer>): Peer => ({
  id: '11'.repeat(32),
  publicKey: '22'.repeat(64),
  client: 'test',
  capabilities: [],
  protocols: [],
  direction: 'inbound',
  trusted: false,
  local: { host: '127.0.0.1', port: 1 },
  remote: { host: '127.0.0.1', port: 2 },
  disconnect: () => {},
  ...fields,
});
