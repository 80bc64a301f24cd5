/**
 * The steps of handshakes: packets that ask for a challenge, challenges, and answers to them, in both roles. The chart
 * `discv5-session` orders each step; which packets get that far, and what a message leads to, is decided in `discv5.ts`.
 * Source: devp2p/discv5/discv5-theory.md, "Handshake Steps".
 */
import { openHandshake, sealHandshake } from '../crypto/discv5-handshake.ts';
import { wipeKeys } from '../crypto/discv5-keys.ts';
import {
  type HandshakePacket,
  type MessagePacket,
  sealRandom,
  sealWhoareyou,
  type WhoareyouPacket,
} from '../crypto/discv5-packet.ts';
import { nodeOfRecord } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import { Discv5Error, type Discv5Fault } from '../wire/discv5-fault.ts';
import { type Discv5Message, encodeDiscv5 } from '../wire/discv5-message.ts';
import { MAX_DISCV5_PACKET_BYTES } from '../wire/discv5-packet.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { hexOf } from '../wire/hex.ts';
import type { Discv5Options } from './discv5-options.ts';
import type { ChallengeRefusal, Discv5Requests, Request } from './discv5-requests.ts';
import type {
  HandshakeFault,
  InitiatorSteps,
  RecipientSteps,
  Session,
  SessionCause,
  SessionReport,
  SessionSteps,
  Sessions,
  SessionTarget,
} from './discv5-sessions.ts';
import type { Place } from './node-place.ts';
import type { SourceBudgets } from './source-budgets.ts';

/** Bytes of a request id of ours: no two requests that wait have the same. */
export const REQUEST_ID_BYTES = 8;

/** Messages that came while a handshake is checked, and may be sealed with its keys; of each node. Ours. */
export const MAX_WAITING = 4;

/** A handshake packet without its message and its record: masking IV, header, id and sizes, signature, key, tag. */
const HANDSHAKE_BYTES = 16 + 23 + 34 + 64 + 33 + 16;

/** Why a packet of a handshake led to nothing. */
export type HandshakeRefusal =
  | ChallengeRefusal
  | 'whoareyouBudget'
  | 'recoveryBudget'
  | 'handshakeUnderWay'
  | 'unexpectedHandshake';

type HandshakeHooks = {
  readonly send: (
    type: 'random' | 'whoareyou' | 'handshake',
    datagram: Uint8Array,
    to: Endpoint,
  ) => void;
  /** A handshake of theirs is valid. */
  readonly onValid: (session: Session, first: FirstMessages) => void;
  readonly onInvalid: (fault: Discv5Fault) => void;
  /** There are keys for this request, whose turn it is. */
  readonly onKeys: (request: Request) => void;
};

export type FirstMessages = {
  /** In the handshake. */
  readonly message: Discv5Message;
  readonly nonce: Uint8Array;
  /** Those that came while it was checked. */
  readonly waiting: readonly MessagePacket[];
  /** Whether the record of the node is newer than the one that we knew. */
  readonly isNews: boolean;
};

type Parts = {
  readonly options: Discv5Options;
  readonly sessions: Sessions;
  readonly requests: Discv5Requests;
  readonly budgets: SourceBudgets;
  readonly hooks: HandshakeHooks;
};

export class Discv5Handshakes {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** For the adapter of the chart. Null when the session is gone. */
  open(target: SessionTarget, report: (event: SessionReport) => void): SessionSteps | null {
    const { sessions } = this.#parts;
    const session = sessions.find(target);
    if (!session) return null;
    session.report = report;
    return {
      perform: (step) => {
        if (!session.isOver) this.#perform[step](session);
      },
      end: () => this.#end(session),
    };
  }

  /** A request whose turn it is, and for which there are no keys. A handshake that is under way serves it too. */
  beginFor(request: Request): void {
    if (this.#parts.sessions.handshakeOf(request.place, 'initiator')) return;
    this.#beginOurs(request, 'request', null);
  }

  /** A request is over without an answer. */
  requestEnded(request: Request, why: 'timedOut' | 'cancelled'): void {
    const begun = this.#parts.sessions.handshakeOf(request.place, 'initiator');
    if (begun?.steps.role === 'initiator' && begun.steps.request === request)
      begun.report({ type: `request.${why}` });
  }

  /** They challenge a packet of ours. */
  onWhoareyou(packet: WhoareyouPacket, from: Endpoint): HandshakeRefusal | null {
    const { requests, sessions, budgets } = this.#parts;
    if (!budgets.canRecover('answer')) return 'recoveryBudget';
    const request = requests.challenged(packet.nonce, from);
    if (typeof request === 'string') return request;
    const begun = sessions.handshakeOf(request.place, 'initiator');
    if (begun?.steps.role === 'initiator' && begun.steps.request === request) {
      begun.steps.challenge = packet;
      begun.report({ type: 'whoareyou.received' });
    } else this.#beginOurs(request, 'challenge', packet);
    return null;
  }

  /** A message that none of our keys opens: the node is challenged, once for all such messages within a second. */
  onUnreadable(packet: MessagePacket, from: Endpoint): HandshakeRefusal | null {
    const { sourceId, nonce } = packet;
    const { sessions, budgets, options, hooks } = this.#parts;
    const place = { id: sourceId, endpoint: from };
    const pending = sessions.handshakeOf(place, 'recipient')?.steps;
    if (pending?.role === 'recipient' && pending.handshake) {
      if (pending.waiting.length >= MAX_WAITING) return 'handshakeUnderWay';
      pending.waiting.push(packet);
      return null;
    }
    if (!budgets.takeWhoareyou(from.host)) return 'whoareyouBudget';
    if (pending?.role === 'recipient' && pending.challenge) {
      hooks.send('whoareyou', pending.challenge.datagram, from);
      return null;
    }
    const begun = { role: 'recipient', nonce, challenge: null, handshake: null } as const;
    const steps: RecipientSteps = { ...begun, waiting: [] };
    const { target } = sessions.begin(place, steps, null);
    options.startSession({ target, cause: 'unreadable' });
    return null;
  }

  /** They answer our challenge. */
  onHandshake(packet: HandshakePacket, from: Endpoint): HandshakeRefusal | null {
    const { sessions, budgets } = this.#parts;
    const session = sessions.handshakeOf({ id: packet.sourceId, endpoint: from }, 'recipient');
    if (session?.steps.role !== 'recipient' || !session.steps.challenge)
      return 'unexpectedHandshake';
    if (session.steps.handshake) return 'handshakeUnderWay';
    if (!budgets.canRecover('question')) return 'recoveryBudget';
    session.steps.handshake = packet;
    session.report({ type: 'handshake.received' });
    return null;
  }

  #beginOurs(request: Request, cause: SessionCause, challenge: WhoareyouPacket | null): void {
    const { sessions, options } = this.#parts;
    const steps: InitiatorSteps = { role: 'initiator', request, challenge };
    const { target } = sessions.begin(request.place, steps, request.node);
    options.startSession({ target, cause });
  }

  /** What the chart orders. */
  readonly #perform = {
    contact: (session: Session) => this.#contact(session),
    answer: (session: Session) => this.#run(session, this.#answer),
    challenge: (session: Session) => this.#challenge(session),
    verify: (session: Session) => this.#run(session, this.#verify),
    keep: (session: Session) => this.#keep(session),
  };

  #contact({ steps, target }: Session): void {
    const { options, requests, hooks } = this.#parts;
    if (steps.role !== 'initiator') return;
    const sides = { sourceId: options.key.id, recipientId: target.id };
    const { datagram, nonce } = sealRandom(sides, options.random, options.primitives);
    requests.sent(steps.request, nonce);
    hooks.send('random', datagram, target.endpoint);
  }

  readonly #answer = async (session: Session): Promise<void> => {
    const { options, requests, budgets, hooks } = this.#parts;
    const { steps, target } = session;
    if (steps.role !== 'initiator' || !steps.challenge) return;
    const { request, challenge } = steps;
    const { key, primitives, random } = options;
    const record = options.record();
    const isFitting =
      HANDSHAKE_BYTES + record.bytes.length + encodeDiscv5(request.message).length <=
      MAX_DISCV5_PACKET_BYTES;
    // a large request follows with the keys
    const message = isFitting ? request.message : this.#smallPing(record);
    const recipient = request.node.publicKey;
    const { keys, nonce, datagram } = await budgets.agree('answer', () =>
      sealHandshake({ challenge, message, key, record, recipient }, random, primitives),
    );
    if (session.isOver) return wipeKeys(keys);
    session.keys = keys;
    session.sealed = 1;
    request.isSent = isFitting;
    requests.sent(request, nonce);
    hooks.send('handshake', datagram, target.endpoint);
    session.report({ type: 'handshake.sent' });
  };

  #challenge({ steps, target }: Session): void {
    const { options, hooks } = this.#parts;
    if (steps.role !== 'recipient') return;
    const record = this.#knownRecord(target);
    const whoareyou = sealWhoareyou(
      { nonce: steps.nonce, recordSeq: record?.seq ?? 0, recipientId: target.id },
      options.random,
      options.primitives,
    );
    steps.challenge = { ...whoareyou, record };
    hooks.send('whoareyou', whoareyou.datagram, target.endpoint);
  }

  readonly #verify = async (session: Session): Promise<void> => {
    const { options, budgets, hooks } = this.#parts;
    const { steps } = session;
    if (steps.role !== 'recipient' || !steps.challenge || !steps.handshake) return;
    const { challenge, handshake, waiting } = steps;
    try {
      const { record, keys, message } = await budgets.agree('question', () =>
        openHandshake(handshake, challenge, options.key, options.primitives),
      );
      if (session.isOver) return wipeKeys(keys);
      session.keys = keys;
      session.node = nodeOfRecord(record);
      session.report({ type: 'handshake.valid' });
      const isNews = record !== challenge.record;
      if (!session.isOver)
        hooks.onValid(session, { message, nonce: handshake.nonce, waiting, isNews });
    } catch (error) {
      if (!(error instanceof Discv5Error)) throw error;
      hooks.onInvalid(error.fault);
      session.report({ type: 'handshake.invalid', fault: handshakeFault(error.fault) });
    }
  };

  #keep(session: Session): void {
    const { sessions, requests, hooks } = this.#parts;
    const { target } = session;
    sessions.keep(session);
    const request = requests.activeAt(target);
    if (!request || request.isSent) return;
    const begun = sessions.handshakeOf(target, 'initiator');
    if (begun?.steps.challenge) return; // it is being sent with the keys of that handshake
    begun?.report({ type: 'session.unneeded' });
    hooks.onKeys(request);
  }

  /** A request that relied on this handshake, and did not begin it, needs one of its own. */
  #end(session: Session): void {
    const { sessions, requests } = this.#parts;
    const { target, steps } = session;
    const wasUnderWay = sessions.find(target) === session;
    sessions.remove(session);
    const request = requests.activeAt(target);
    if (!wasUnderWay || steps.role !== 'initiator' || !request) return;
    if (request !== steps.request && request.sentAt === null && !sessions.newest(target))
      this.beginFor(request);
  }

  /** A step that takes time; a mistake of ours in it ends this session only. */
  #run(session: Session, step: (session: Session) => Promise<void>): void {
    step(session).catch((error: unknown) => {
      this.#parts.options.hooks.onFault(error);
      session.report({ type: 'session.faulted' });
    });
  }

  #smallPing(record: NodeRecord): Discv5Message {
    const requestId = hexOf(this.#parts.options.random(REQUEST_ID_BYTES));
    return { type: 'ping', requestId, recordSeq: record.seq };
  }

  /** The newer one of what others know, and what an earlier handshake brought. */
  #knownRecord(place: Place): NodeRecord | null {
    const { options, sessions } = this.#parts;
    const known = options.recordOf(place.id);
    const kept = sessions.newest(place)?.node?.record ?? null;
    return known && kept ? (kept.seq > known.seq ? kept : known) : (known ?? kept);
  }
}

/** Faults of the message in a handshake are one to the chart. */
function handshakeFault(fault: Discv5Fault): HandshakeFault {
  const known = HANDSHAKE_FAULTS.find((each) => each === fault);
  return known ?? 'malformedMessage';
}

const HANDSHAKE_FAULTS: readonly HandshakeFault[] = [
  'recordMissing',
  'badRecord',
  'recordOfOtherNode',
  'badIdSignature',
  'invalidEphemeralKey',
  'undecryptable',
];
