/**
 * What is known of nodes, in memory: their records, when each endpoint answered, how often it failed. Bounded, and sorted
 * by age. Files are the business of `node-store.ts`. The same facts as go-ethereum p2p/enode/nodedb.go.
 */
import { crc32 } from 'node:zlib';

import type { Node } from '../crypto/node.ts';

/** Nodes in a store. Ours: go-ethereum has no limit. */
export const MAX_STORED_NODES = 100_000;

/** Endpoints remembered of one node; the oldest one leaves first. */
export const MAX_STORED_ENDPOINTS = 4;

/** Time without an answer after which a node is forgotten, in ms. Source: go-ethereum p2p/enode/nodedb.go, dbNodeExpiration. */
export const NODE_EXPIRY_MS = 86_400_000;

/** Oldest answer that still makes a node worth a try at a start, in ms. Source: go-ethereum p2p/discover/table.go, seedMaxAge. */
export const SEED_AGE_MS = 432_000_000;

/** Time between two searches for expired nodes, in ms. Source: go-ethereum p2p/enode/nodedb.go, dbCleanupCycle. */
const EXPIRY_CYCLE_MS = 3_600_000;

/** Longest text of a node: a record, or an enode URL with the longest host name. */
const MAX_TEXT_CHARS = 512;

const CHECKSUM_BYTES = 4;
const NODE_ID = /^[0-9a-f]{64}$/;

/** Times are of the day, in ms; 0 is never. */
export type EndpointFacts = {
  readonly host: string;
  /** When it last answered our ping. */
  readonly pongedAt: number;
  /** When it last pinged us. */
  readonly pingedAt: number;
  /** Findnode requests without an answer since the last one with an answer. */
  readonly findFails: number;
};

export type NodeEntry = {
  /** An enode URL or a record; empty for a node of which only endpoints are known. */
  readonly text: string;
  /** Of the text. */
  readonly host: string;
  readonly seq: number;
  /** When it last answered, or was found. */
  readonly aliveAt: number;
  readonly endpoints: readonly EndpointFacts[];
};

const NO_ENTRY: NodeEntry = { text: '', host: '', seq: -1, aliveAt: 0, endpoints: [] };

/** Each change is reported by id, removals too. */
export class NodeEntries {
  /** By id, the one that was alive longest ago first. At most `MAX_STORED_NODES`. */
  readonly #entries = new Map<string, NodeEntry>();
  readonly #onChange: (id: string) => void;
  #expiredAt: number | null = null;

  constructor(onChange: (id: string) => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): NodeEntry | undefined {
    return this.#entries.get(id);
  }

  /** Newest first. */
  all(): readonly (readonly [id: string, entry: NodeEntry])[] {
    return [...this.#entries].reverse();
  }

  /** A record with a lower sequence number than the known one changes nothing. */
  remember({ id, text, host, record }: Node, now: number): void {
    const known = this.#entries.get(id) ?? NO_ENTRY;
    const seq = record?.seq ?? 0;
    if (text.length > MAX_TEXT_CHARS || seq < known.seq || text === known.text) return;
    const aliveAt = known.aliveAt || now;
    this.#put(id, { ...known, text, host, seq, aliveAt }, known === NO_ENTRY, now);
  }

  note(id: string, host: string, facts: Partial<Omit<EndpointFacts, 'host'>>, now: number): void {
    const known = this.#entries.get(id) ?? { ...NO_ENTRY, aliveAt: now };
    const before = known.endpoints.find((endpoint) => endpoint.host === host);
    const after = { host, pongedAt: 0, pingedAt: 0, findFails: 0, ...before, ...facts };
    const others = known.endpoints.filter((endpoint) => endpoint !== before);
    const endpoints = [...others, after].slice(-MAX_STORED_ENDPOINTS);
    const aliveAt = Math.max(known.aliveAt, facts.pongedAt ?? 0);
    this.#put(id, { ...known, aliveAt, endpoints }, aliveAt !== known.aliveAt, now);
  }

  /** How often findnode failed in a row. */
  findFails(id: string, host: string): number {
    const endpoints = this.#entries.get(id)?.endpoints ?? [];
    return endpoints.find((endpoint) => endpoint.host === host)?.findFails ?? 0;
  }

  forget(id: string): void {
    if (this.#entries.delete(id)) this.#onChange(id);
  }

  /** Adds what a file had; what is already known is newer. Nothing is reported but what does not fit. */
  load(loaded: readonly (readonly [id: string, entry: NodeEntry])[], now: number): void {
    const known = [...this.#entries];
    const ids = new Set(known.map(([id]) => id));
    const merged = [...loaded.filter(([id]) => !ids.has(id)), ...known]
      .map(([id, entry]) => [id, { ...entry, aliveAt: Math.min(entry.aliveAt, now) }] as const)
      .sort(([, a], [, b]) => a.aliveAt - b.aliveAt);
    const isKept = (index: number, { aliveAt }: NodeEntry): boolean =>
      index >= merged.length - MAX_STORED_NODES && now - aliveAt <= SEED_AGE_MS;
    this.#entries.clear();
    for (const [index, [id, entry]] of merged.entries())
      if (isKept(index, entry)) this.#entries.set(id, entry);
      else this.#onChange(id);
  }

  #put(id: string, entry: NodeEntry, isNewest: boolean, now: number): void {
    this.#expire(now);
    if (isNewest) this.#entries.delete(id);
    this.#entries.set(id, entry);
    this.#onChange(id);
    if (this.#entries.size > MAX_STORED_NODES) this.#forgetOldest();
  }

  #expire(now: number): void {
    this.#expiredAt ??= now;
    if (now - this.#expiredAt < EXPIRY_CYCLE_MS) return;
    this.#expiredAt = now;
    for (const [id, { aliveAt }] of this.#entries) {
      if (now - aliveAt <= NODE_EXPIRY_MS) return; // all others are newer
      this.forget(id);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.forget(oldest);
  }
}

/** A checksum over key and value, and the value as JSON: what a disk has changed is found when it is read. */
export function sealed(key: string, value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  const bytes = new Uint8Array(CHECKSUM_BYTES + text.length * 3);
  const { written } = new TextEncoder().encodeInto(text, bytes.subarray(CHECKSUM_BYTES));
  new DataView(bytes.buffer).setUint32(0, crc32(text, crc32(key)));
  return bytes.subarray(0, CHECKSUM_BYTES + written);
}

/** Null when these are not the bytes that `sealed` made for this key. */
export function unsealed(key: string, bytes: Uint8Array): unknown {
  if (bytes.length <= CHECKSUM_BYTES) return null;
  const content = bytes.subarray(CHECKSUM_BYTES);
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (sum !== crc32(content, crc32(key))) return null;
  return JSON.parse(new TextDecoder().decode(content));
}

export const isNodeId = (text: string): boolean => NODE_ID.test(text);
