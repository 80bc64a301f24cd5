/**
 * Slots for inbound handshakes: which connection holds which, and which may be replaced.
 * Every change makes a new value; pages keep that cheap at 10,000 slots.
 */
import type { Caller } from '../../io/adapters/caller-lookup.ts';

/** Handshakes at once from one IPv4 address or IPv6 /64. Source: security limits, "Pending inbound total / per source". */
export const MAX_PENDING_PER_SOURCE = 2;

/** Time in which a silent connection cannot be replaced, in ms. Source: security row R1. */
export const REPLACEABLE_AFTER_MS = 500;

/** Slots in one page: about the square root of the most slots there can be. */
export const PAGE_SLOTS = 128;

export type HandshakeSlots = {
  readonly used: number;
  /** The number of the next slot; none is used twice. */
  readonly next: number;
  /** Slots that are held, in the order of their numbers. There are no empty pages. */
  readonly pages: ReadonlyMap<number, Page>;
};

type Page = ReadonlyMap<number, Holder>;

type Holder = {
  /** Null when it does not count: from the LAN, or from no IP address. */
  readonly source: string | null;
  /** When it connected; null once it sent a whole auth. */
  readonly silentSince: number | null;
};

export const ALL_FREE: HandshakeSlots = { used: 0, next: 1, pages: new Map() };

/** Gives slot number `slots.next` to this caller. */
export function takeSlot(slots: HandshakeSlots, caller: Caller): HandshakeSlots {
  const { used, next } = slots;
  const holder = { source: countedSource(caller), silentSince: caller.at };
  return { used: used + 1, next: next + 1, pages: withHolder(slots, next, holder) };
}

/** Unchanged when the slot is free: it was returned before, or its holder was replaced. */
export function returnSlot(slots: HandshakeSlots, slot: number): HandshakeSlots {
  const page = slots.pages.get(pageOf(slot));
  if (!page?.has(slot)) return slots;
  const pages = new Map(slots.pages);
  if (page.size === 1) pages.delete(pageOf(slot));
  else {
    const rest = new Map(page);
    rest.delete(slot);
    pages.set(pageOf(slot), rest);
  }
  return { ...slots, used: slots.used - 1, pages };
}

/** The holder sent a whole auth: it keeps the slot to the end of its setup. */
export function keepSlot(slots: HandshakeSlots, slot: number): HandshakeSlots {
  const holder = slots.pages.get(pageOf(slot))?.get(slot);
  if (!holder) return slots;
  return { ...slots, pages: withHolder(slots, slot, { ...holder, silentSince: null }) };
}

/** Whether this source has the most handshakes that one source may have. */
export function isSourceBusy(slots: HandshakeSlots, caller: Caller): boolean {
  return countFrom(slots, caller) >= MAX_PENDING_PER_SOURCE;
}

/** The slot that this caller may take over: the oldest silent one. Null when there is none for it. */
export function replaceableSlot(slots: HandshakeSlots, caller: Caller): number | null {
  const oldest = oldestSilent(slots);
  if (!oldest || caller.at - oldest.since <= REPLACEABLE_AFTER_MS) return null;
  return countFrom(slots, caller) === 0 ? oldest.slot : null;
}

const pageOf = (slot: number): number => Math.floor(slot / PAGE_SLOTS);

const countedSource = ({ source, isLan }: Caller): string | null => (isLan ? null : source);

function withHolder({ pages }: HandshakeSlots, slot: number, holder: Holder) {
  const page = new Map(pages.get(pageOf(slot))).set(slot, holder);
  return new Map(pages).set(pageOf(slot), page);
}

function countFrom({ pages }: HandshakeSlots, caller: Caller): number {
  const source = countedSource(caller);
  let count = 0;
  if (source === null) return count;
  for (const page of pages.values())
    for (const holder of page.values()) if (holder.source === source) count += 1;
  return count;
}

function oldestSilent({ pages }: HandshakeSlots) {
  for (const page of pages.values())
    for (const [slot, { silentSince }] of page)
      if (silentSince !== null) return { slot, since: silentSince };
  return null;
}
