/**
 * Handshakes that are under way and the keys that came of them, by node and endpoint. When each begins and ends is decided
 * by the chart `discv5-session`; keys never leave this folder, and are overwritten when they are no longer used.
 */
import { type SessionKeys, wipeKeys } from '../crypto/discv5-keys.ts';
import type { HandshakePacket, MessagePacket, WhoareyouPacket } from '../crypto/discv5-packet.ts';
import type { Node } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import { BoundedMap } from '../process/bounded-map.ts';
import { parseIp, sourceKey } from '../wire/ip-address.ts';
import type { Request } from './discv5-requests.ts';
import { type Place, placeKey } from './node-place.ts';

/** Endpoints of nodes with keys; the one that was used longest ago loses them first. Source: go-ethereum v5wire. */
export const MAX_SESSIONS = 1_024;

/** Of them at one IPv4 address or IPv6 /64, so that one source cannot push out all others. As endpoint proofs. */
export const MAX_SESSIONS_PER_SOURCE = 256;

/** Handshakes under way. Kept apart: they must not push out keys. Source: security limits. */
export const MAX_HANDSHAKES = 512;

/** `initiator`: we asked first, and answer the challenge of the node. */
export type SessionRole = 'initiator' | 'recipient';

/** One handshake with a node at an endpoint, and its keys. */
export type SessionTarget = Place & {
  readonly role: SessionRole;
  /** Never given twice. */
  readonly number: number;
};

/**
 * Why a handshake begins. `request`: a request of ours has no keys. `challenge`: the node challenged us although we have keys;
 * it lost them. `unreadable`: the node sent what we cannot read.
 */
export type SessionCause = 'request' | 'challenge' | 'unreadable';

export type SessionStart = { readonly target: SessionTarget; readonly cause: SessionCause };

/** What the chart orders. */
export type SessionStep =
  /** Sends a packet without content, which the node has to challenge. */
  | 'contact'
  /** Answers the challenge of the node, with our request. */
  | 'answer'
  /** Sends our challenge. */
  | 'challenge'
  /** Checks the handshake that came. */
  | 'verify'
  /** Takes the keys into use. */
  | 'keep';

/** Does what the chart of one session orders. */
export type SessionSteps = {
  perform(step: SessionStep): void;
  /** Forgets the session, with its keys. */
  end(): void;
};

/** Why a handshake of theirs is none. */
export type HandshakeFault =
  | 'recordMissing'
  | 'badRecord'
  | 'recordOfOtherNode'
  | 'badIdSignature'
  | 'invalidEphemeralKey'
  | 'undecryptable'
  | 'malformedMessage';

export type SessionReport =
  | { readonly type: 'whoareyou.received' }
  | { readonly type: 'handshake.sent' }
  /** The keys that our handshake made opened a message of the node. */
  | { readonly type: 'message.opened' }
  /** The request that began it ended without an answer. */
  | { readonly type: 'request.timedOut' }
  | { readonly type: 'request.cancelled' }
  | { readonly type: 'handshake.received' }
  | { readonly type: 'handshake.valid' }
  | { readonly type: 'handshake.invalid'; readonly fault: HandshakeFault }
  /** The node began a handshake as well, which made keys first. */
  | { readonly type: 'session.unneeded' }
  /** A mistake of ours. */
  | { readonly type: 'session.faulted' }
  /** A later handshake of the same role has begun in its place, or has made keys. */
  | { readonly type: 'session.replaced' }
  /** Too many others are in use. */
  | { readonly type: 'session.evicted' }
  /** The socket is closed, or the session ended before its actor began. */
  | { readonly type: 'session.gone' };

/** What a handshake of ours has learnt so far. */
export type InitiatorSteps = {
  readonly role: 'initiator';
  readonly request: Request;
  /** What the node sent. Null before. */
  challenge: WhoareyouPacket | null;
};

/** What a handshake of theirs has learnt so far. */
export type RecipientSteps = {
  readonly role: 'recipient';
  /** Nonce of the packet that we could not read. */
  readonly nonce: Uint8Array;
  /** What we sent. Null before. */
  challenge: SentWhoareyou | null;
  /** What came in answer. Null before. */
  handshake: HandshakePacket | null;
  /** Messages that came after it, and may be sealed with its keys. At most MAX_WAITING. */
  readonly waiting: MessagePacket[];
};

type SentWhoareyou = {
  /** To be sent again byte for byte. */
  readonly datagram: Uint8Array;
  readonly challengeData: Uint8Array;
  /** The record of the node that the challenge names. */
  readonly record: NodeRecord | null;
};

/** One handshake, and its keys when there are some. */
export class Session {
  readonly target: SessionTarget;
  readonly steps: InitiatorSteps | RecipientSteps;
  /** The node as its record says, or as it was asked. Null until its record came. */
  node: Node | null;
  keys: SessionKeys | null = null;
  /** Messages sealed with these keys. */
  sealed = 0;
  report: (event: SessionReport) => void = () => {};
  #isOver = false;

  constructor(target: SessionTarget, steps: InitiatorSteps | RecipientSteps, node: Node | null) {
    this.target = target;
    this.steps = steps;
    this.node = node;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Overwrites the keys. */
  end(): void {
    this.#isOver = true;
    if (this.keys) wipeKeys(this.keys);
    this.keys = null;
  }
}

/** The keys with one node at one endpoint: at most one set of each role, as both sides may begin at once. */
type Kept = {
  readonly newest: Session;
  readonly other: Session | null;
  /** The IPv4 address or IPv6 /64. */
  readonly source: string;
};

export class Sessions {
  /** By place and role. At most MAX_HANDSHAKES; the oldest leaves first. */
  readonly #handshakes = new BoundedMap<string, Session>(MAX_HANDSHAKES);
  /** By place. At most MAX_SESSIONS. */
  readonly #kept = new BoundedMap<string, Kept>(MAX_SESSIONS);
  #lastNumber = 0;

  /** Endpoints of nodes with keys. */
  get size(): number {
    return this.#kept.size;
  }

  /** Handshakes under way. */
  get handshakes(): number {
    return this.#handshakes.size;
  }

  /** A handshake; one of the same role with the same node at the same endpoint is replaced. */
  begin({ id, endpoint }: Place, steps: Session['steps'], node: Node | null): Session {
    this.#lastNumber += 1;
    const target = { id, endpoint, role: steps.role, number: this.#lastNumber };
    const session = new Session(target, steps, node);
    this.handshakeOf(target, steps.role)?.report({ type: 'session.replaced' });
    if (this.#handshakes.size >= MAX_HANDSHAKES)
      this.#evict(this.#handshakes.oldest()?.[1] ?? null);
    this.#handshakes.set(handshakeKey(target), session);
    return session;
  }

  handshakeOf(place: Place, role: SessionRole): Session | null {
    return this.#handshakes.get(handshakeKey({ ...place, role })) ?? null;
  }

  /** The session that is running under this number, and no other. */
  find(target: SessionTarget): Session | null {
    const session = this.handshakeOf(target, target.role);
    return session?.target.number === target.number ? session : null;
  }

  /** The keys to seal with. Counts as a use. */
  newest(place: Place): Session | null {
    return this.#kept.get(placeKey(place))?.newest ?? null;
  }

  /** Whose keys may open a message, the likeliest first: three at most. */
  openers(place: Place): readonly Session[] {
    const kept = this.#kept.get(placeKey(place));
    const begun = this.handshakeOf(place, 'initiator');
    return [kept?.newest, kept?.other, begun?.keys && begun].filter((session) => !!session);
  }

  /** From now on the keys of the session are the newest. */
  keep(session: Session): void {
    this.#forgetHandshake(session);
    const key = placeKey(session.target);
    const before = this.#kept.get(key);
    const all = before ? [before.newest, before.other] : [];
    const same = all.find((old) => old?.target.role === session.target.role);
    const other = all.find((old) => old && old !== same) ?? null;
    const source = before?.source ?? sourceOf(session.target.endpoint.host);
    if (!before) this.#makeRoom(source);
    this.#kept.set(key, { newest: session, other, source });
    same?.report({ type: 'session.replaced' });
  }

  /** Forgets it, with its keys. A second call does nothing. */
  remove(session: Session): void {
    session.end();
    this.#forgetHandshake(session);
    const key = placeKey(session.target);
    const kept = this.#kept.get(key);
    if (!kept) return;
    const left = [kept.newest, kept.other].filter((each) => each && each !== session);
    const [newest] = left;
    if (!newest) this.#kept.delete(key);
    else this.#kept.set(key, { ...kept, newest, other: left[1] ?? null });
  }

  /** Ends all of them. */
  close(): void {
    const kept = [...this.#kept.values()].flatMap(({ newest, other }) => [newest, other]);
    for (const session of [...this.#handshakes.values(), ...kept]) {
      session?.report({ type: 'session.gone' });
      if (session) this.remove(session);
    }
  }

  #forgetHandshake({ target }: Session): void {
    if (this.find(target)) this.#handshakes.delete(handshakeKey(target));
  }

  /** A source that has its share pushes out its own oldest, and otherwise the oldest of all leaves. */
  #makeRoom(source: string): void {
    const all = [...this.#kept.values()];
    const ofSource = all.filter((kept) => kept.source === source);
    if (ofSource.length >= MAX_SESSIONS_PER_SOURCE) this.#evictKept(ofSource[0]);
    else if (all.length >= MAX_SESSIONS) this.#evictKept(all[0]);
  }

  #evictKept(kept: Kept | undefined): void {
    this.#evict(kept?.newest ?? null);
    this.#evict(kept?.other ?? null);
  }

  #evict(session: Session | null): void {
    session?.report({ type: 'session.evicted' });
    if (session) this.remove(session); // its actor may have ended before
  }
}

function sourceOf(host: string): string {
  const address = parseIp(host);
  return address ? sourceKey(address) : host;
}

const handshakeKey = (target: Omit<SessionTarget, 'number'>): string =>
  `${placeKey(target)} ${target.role}`;
