/** What a socket of Node Discovery v5 counts: packets by type, and why datagrams were dropped. */
import type { Discv5Fault } from '../wire/discv5-fault.ts';
import { DISCV5_TYPES, type Discv5Message } from '../wire/discv5-message.ts';
import type { QuestionRefusal } from './discv5-answers.ts';
import type { HandshakeRefusal } from './discv5-handshakes.ts';
import type { AnswerRefusal } from './discv5-requests.ts';
import type { PacketStats } from './packet-counts.ts';

/** Why a datagram was dropped. */
export type Discv5Refusal =
  | Discv5Fault
  | HandshakeRefusal
  | AnswerRefusal
  | 'noSourcePort'
  | 'notInNetRestrict'
  | QuestionRefusal
  | 'ownPacket';

/** What is counted: messages, and packets without one. */
export type PacketType = Discv5Message['type'] | 'random' | 'whoareyou' | 'handshake';

export const PACKET_TYPES: Readonly<Record<PacketType, unknown>> = {
  ...DISCV5_TYPES,
  random: null,
  whoareyou: null,
  handshake: null,
};

/** Faults of a datagram that may be of another protocol, or for another node. */
export const NOT_OURS: ReadonlySet<Discv5Refusal> = new Set([
  'packetTooShort',
  'packetTooLong',
  'notDiscv5',
]);

export type Discv5Stats = PacketStats<PacketType, Discv5Refusal> & {
  /** Endpoints of nodes with keys. */
  readonly sessions: number;
  /** Handshakes under way. */
  readonly handshakes: number;
  /** Requests that wait for an answer, or for their turn. */
  readonly requests: number;
  /** Handlers of TALKREQs at work. */
  readonly talks: number;
  /** Sources of which budgets are kept. */
  readonly sources: number;
};
