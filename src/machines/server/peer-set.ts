/** Changed copies of the maps of the server: those in its context are never changed themselves. */
import type { PeerSet } from '../connection/connection.ts';
import { PersistentMap } from '../persistent-map.ts';

export function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return PersistentMap.of(map).with(key, value);
}

export function withoutEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
): ReadonlyMap<string, Value> {
  return PersistentMap.of(map).without(key);
}

/** The new set of trusted nodes, and the peers, of which the one with this id is marked accordingly. */
export function withTrust(
  peers: PeerSet,
  trusted: ReadonlySet<string>,
  id: string,
): { readonly peers: PeerSet; readonly trusted: ReadonlySet<string> } {
  const entry = peers.get(id);
  if (!entry) return { peers, trusted };
  return { trusted, peers: withEntry(peers, id, { ...entry, trusted: trusted.has(id) }) };
}
