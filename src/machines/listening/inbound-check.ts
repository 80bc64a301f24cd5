/**
 * Who may come in at all: asked once for each newcomer, before anything is spent on it.
 * Source: go-ethereum p2p/server.go, inbound check; the bound and the /64 are ours.
 */
import type { Caller } from '../../io/adapters/caller-lookup.ts';

/** From one admission of a source to the next, in ms. Source: go-ethereum p2p/server.go, inbound throttle. */
export const INBOUND_THROTTLE_MS = 30_000;

/** Sources in one page, and pages: 65,536 sources. Small pages keep it cheap to leave the old history as it was. */
export const PAGE_SOURCES = 256;
export const MAX_PAGES = 256;

/**
 * Sources that were let in lately, in the order of time; only the last page grows.
 * At most `MAX_PAGES`; the oldest leaves first.
 */
export type InboundHistory = readonly Page[];

type Page = {
  /** When its last source came. */
  readonly newestAt: number;
  /** When each was let in, by source. */
  readonly sources: ReadonlyMap<string, number>;
};

export type InboundDecision = 'accept' | 'netRestrict' | 'throttled';

/** An attempt that is refused leaves no trace: it does not make the wait longer. */
export function checkInbound(
  history: InboundHistory,
  { at, source, isLan, isRestricted }: Caller,
): InboundDecision {
  if (source === null) return 'accept';
  if (isRestricted) return 'netRestrict';
  if (isLan) return 'accept';
  const isRecent = history.some(({ sources }) => {
    const letInAt = sources.get(source);
    return letInAt !== undefined && isFresh(letInAt, at);
  });
  return isRecent ? 'throttled' : 'accept';
}

/** The history after this caller was let in. go-ethereum keeps callers from the LAN too, and never asks for them. */
export function remember(history: InboundHistory, { at, source, isLan }: Caller): InboundHistory {
  const pages = history.filter(({ newestAt }) => isFresh(newestAt, at));
  if (source === null || isLan) return pages;
  const last = pages.at(-1);
  const hasRoom = last !== undefined && last.sources.size < PAGE_SOURCES;
  const sources = new Map(hasRoom ? last.sources : []).set(source, at);
  return [...(hasRoom ? pages.slice(0, -1) : pages), { newestAt: at, sources }].slice(-MAX_PAGES);
}

/** To the end of the last ms, as go-ethereum counts. */
const isFresh = (letInAt: number, now: number): boolean => now <= letInAt + INBOUND_THROTTLE_MS;
