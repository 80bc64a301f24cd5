/**
 * Whether a new inbound connection is accepted at all: checked once for each, before any resource is used for it.
 * Source: go-ethereum p2p/server.go, inbound check; the bound and the /64 are ours.
 */
import type { Caller } from '../../io/adapters/caller-lookup.ts';

/** Shortest time between two admissions of one source, in ms. Source: go-ethereum p2p/server.go, inbound throttle. */
export const INBOUND_THROTTLE_MS = 30_000;

/** Sources in one page, and pages: 65,536 sources. Small pages make copies of the history cheap. */
export const PAGE_SOURCES = 256;
export const MAX_PAGES = 256;

/**
 * Sources that were admitted lately, in the order of time; only the last page grows.
 * At most `MAX_PAGES`; the oldest leaves first.
 */
export type InboundHistory = readonly Page[];

type Page = {
  /** When its last source was admitted. */
  readonly newestAt: number;
  /** When each source was admitted. */
  readonly sources: ReadonlyMap<string, number>;
};

export type InboundDecision = 'accept' | 'netRestrict' | 'throttled';

/** An attempt that is turned away is not remembered: it does not make the wait longer. */
export function checkInbound(
  history: InboundHistory,
  { at, source, isLan, isRestricted }: Caller,
): InboundDecision {
  if (source === null) return 'accept';
  if (isRestricted) return 'netRestrict';
  if (isLan) return 'accept';
  const isRecent = history.some(({ sources }) => {
    const admittedAt = sources.get(source);
    return admittedAt !== undefined && isFresh(admittedAt, at);
  });
  return isRecent ? 'throttled' : 'accept';
}

/** The history after this caller was admitted. go-ethereum keeps callers from the LAN too, and never looks them up. */
export function remember(history: InboundHistory, { at, source, isLan }: Caller): InboundHistory {
  const pages = history.filter(({ newestAt }) => isFresh(newestAt, at));
  if (source === null || isLan) return pages;
  const last = pages.at(-1);
  const hasRoom = last !== undefined && last.sources.size < PAGE_SOURCES;
  const sources = new Map(hasRoom ? last.sources : []).set(source, at);
  return [...(hasRoom ? pages.slice(0, -1) : pages), { newestAt: at, sources }].slice(-MAX_PAGES);
}

/** To the end of the last ms, as go-ethereum counts. */
const isFresh = (admittedAt: number, now: number): boolean =>
  now <= admittedAt + INBOUND_THROTTLE_MS;
