/**
 * Node Discovery v5 on one socket: answers what others ask inside a session, and asks for others. Which nodes are known,
 * asked or kept is decided elsewhere; the life of a session by the chart `discv5-session`.
 * Source: devp2p/discv5; go-ethereum p2p/discover/v5_udp.go.
 */
import { isIP } from 'node:net';

import { messageNonce } from '../crypto/discv5-keys.ts';
import {
  type Discv5Packet,
  type MessagePacket,
  openMessage,
  readDiscv5Packet,
  sealMessage,
} from '../crypto/discv5-packet.ts';
import { type Node, nodeOfRecord } from '../crypto/node.ts';
import { Discv5Error } from '../wire/discv5-fault.ts';
import type { Discv5Message } from '../wire/discv5-message.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { hexOf } from '../wire/hex.ts';
import type { BindDatagrams, Datagram, DatagramHooks, DatagramSocket } from './datagram-socket.ts';
import { Discv5Answers } from './discv5-answers.ts';
import {
  type Discv5Refusal,
  type Discv5Stats,
  NOT_OURS,
  PACKET_TYPES,
  type PacketType,
} from './discv5-counts.ts';
import { Discv5Handshakes, type FirstMessages, REQUEST_ID_BYTES } from './discv5-handshakes.ts';
import { NodesAnswer } from './discv5-nodes.ts';
import type { Discv5Options } from './discv5-options.ts';
import { Discv5Requests, type Expectation, type Request } from './discv5-requests.ts';
import {
  type Session,
  type SessionReport,
  type SessionSteps,
  Sessions,
  type SessionTarget,
} from './discv5-sessions.ts';
import { PacketCounts } from './packet-counts.ts';
import { recordAnswer } from './record-answer.ts';
import {
  type NoAnswer,
  type NodesResult,
  type PingResult,
  type RecordResult,
  type RequestRefusal,
  refused,
  type TalkResult,
} from './request-results.ts';
import { SourceBudgets } from './source-budgets.ts';
import { isTooLarge, type TalkHandler } from './talk-handlers.ts';

type Question = Pick<Expectation, 'kind' | 'onAnswer' | 'onTimeout'>;

export class Discv5 {
  readonly #options: Discv5Options;
  readonly #socket: DatagramSocket;
  readonly #counts = new PacketCounts<PacketType, Discv5Refusal>(PACKET_TYPES);
  readonly #budgets: SourceBudgets;
  readonly #sessions = new Sessions();
  readonly #requests: Discv5Requests;
  readonly #handshakes: Discv5Handshakes;
  readonly #answers: Discv5Answers;
  #isClosed = false;

  /** The owner of the socket calls {@link receive}; {@link bind} does both. */
  constructor(socket: DatagramSocket, options: Discv5Options) {
    this.#options = options;
    this.#socket = socket;
    this.#budgets = new SourceBudgets(options.clock);
    this.#answers = new Discv5Answers(options, this.#budgets, (session, message) =>
      this.#reply(session, message),
    );
    this.#requests = new Discv5Requests(options.clock, {
      onTurn: (request) => this.#sendRequest(request),
      onUnanswered: (request, why) => this.#handshakes.requestEnded(request, why),
    });
    this.#handshakes = new Discv5Handshakes({
      ...{ options, sessions: this.#sessions, requests: this.#requests, budgets: this.#budgets },
      hooks: {
        send: (type, datagram, to) => this.#send(type, datagram, to),
        onValid: (session, first) => this.#onValid(session, first),
        onInvalid: (fault) => this.#counts.refused(fault),
        onKeys: (request) => this.#sendRequest(request),
      },
    });
  }

  /** Rejects when the address cannot be bound. */
  static async bind(
    address: Endpoint,
    bind: BindDatagrams,
    { onLost, onRestored }: Pick<DatagramHooks, 'onLost' | 'onRestored'>,
    options: Discv5Options,
  ): Promise<Discv5> {
    let discv5: Discv5 | null = null;
    const socket = await bind(address, {
      ...{ onLost, onRestored },
      onDatagram: (datagram) => discv5?.receive(datagram),
      onUnsent: () => discv5?.noteUnsent(),
    });
    discv5 = new Discv5(socket, options);
    return discv5;
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  /** Never throws. @returns False when the datagram is no packet of this protocol for us. */
  receive(datagram: Datagram): boolean {
    if (this.#isClosed) return true;
    this.#counts.received(datagram.bytes.length);
    const refusal = this.#count(() => this.#handle(datagram));
    return refusal === null || !NOT_OURS.has(refusal);
  }

  /** The socket dropped a datagram of ours. */
  noteUnsent(): void {
    this.#counts.unsent();
  }

  /**
   * @param node With a key, an IP address and a UDP port; a record is not needed.
   * @param done Called once, perhaps before this returns; not after the cancel.
   * @returns Cancels.
   */
  ping(node: Node, done: (result: PingResult) => void): () => void {
    const { hooks, record } = this.#options;
    const { host } = node;
    if (this.#refusalOf(node) === null) hooks.onContact?.({ host });
    return this.#ask(node, { type: 'ping', recordSeq: record().seq }, done, {
      kind: 'pong',
      onAnswer: (answer, rttMs) => {
        if (answer.type !== 'pong') return false;
        const { recordSeq: seq, host: statedHost, udpPort } = answer;
        const statedEndpoint = { host: statedHost, port: udpPort };
        if (udpPort !== 0) hooks.onStatement?.({ host, endpoint: statedEndpoint });
        done({ type: 'pong', rttMs, seq, statedEndpoint });
        return true;
      },
      onTimeout: () => done({ type: 'timedOut' }),
    });
  }

  /** As {@link ping}. @param distances Log distances from the node, 0 to 256; 0 is the node itself. */
  findNode(
    node: Node,
    distances: readonly number[],
    done: (result: NodesResult) => void,
  ): () => void {
    const { isAllowed, primitives, key } = this.#options;
    const from = { id: node.id, host: node.host };
    const answer = new NodesAnswer(distances, { ownId: key.id, from, isAllowed, primitives });
    const finish = (): void => done({ type: 'nodes', nodes: answer.nodes });
    return this.#ask(node, { type: 'findNode', distances }, done, {
      kind: 'nodes',
      onAnswer: (message) => {
        const isComplete = message.type === 'nodes' && answer.add(message);
        if (isComplete) finish();
        return isComplete;
      },
      onTimeout: () => (answer.packets === 0 ? done({ type: 'timedOut' }) : finish()),
    });
  }

  /** As {@link ping}: asks for the record of the node itself. */
  requestRecord(node: Node, done: (result: RecordResult) => void): () => void {
    return this.#ask(node, { type: 'findNode', distances: [0] }, done, {
      kind: 'nodes',
      onAnswer: (message) => {
        if (message.type !== 'nodes') return false;
        done(this.#recordAnswer(message.records[0], node));
        return true;
      },
      onTimeout: () => done({ type: 'timedOut' }),
    });
  }

  /** As {@link ping}. */
  talk(
    node: Node,
    protocol: string,
    payload: Uint8Array,
    done: (result: TalkResult) => void,
  ): () => void {
    const message = { type: 'talkRequest', protocol, payload } as const;
    if (isTooLarge(message)) {
      done({ type: 'refused', why: 'tooLarge' });
      return () => {};
    }
    return this.#ask(node, message, done, {
      kind: 'talkResponse',
      onAnswer: (answer) => {
        if (answer.type !== 'talkResponse') return false;
        done({ type: 'response', payload: answer.payload });
        return true;
      },
      onTimeout: () => done({ type: 'timedOut' }),
    });
  }

  /**
   * Answers the TALKREQs of a protocol; a handler that was there before is replaced.
   *
   * @returns Removes the handler.
   * @throws {RangeError} There are handlers for 64 protocols.
   */
  handleTalk(protocol: string, handler: TalkHandler): () => void {
    return this.#answers.handleTalk(protocol, handler);
  }

  /** For the adapter `discv5Handshake`. Null when the session is gone. */
  openSession(target: SessionTarget, report: (event: SessionReport) => void): SessionSteps | null {
    return this.#handshakes.open(target, report);
  }

  stats(): Discv5Stats {
    return {
      ...this.#counts.stats(),
      sessions: this.#sessions.size,
      handshakes: this.#sessions.handshakes,
      requests: this.#requests.size,
      talks: this.#answers.talks,
      sources: this.#budgets.sources,
    };
  }

  /** Closes the socket, and ends all sessions, and all requests as refused. A second call does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#requests.close();
    this.#answers.close();
    this.#sessions.close();
    this.#socket.close();
  }

  #handle({ bytes, from }: Datagram): Discv5Refusal | null {
    const { isAllowed, key, primitives } = this.#options;
    if (from.port === 0) return 'noSourcePort';
    if (!isAllowed(from.host)) return 'notInNetRestrict';
    return this.#handlePacket(readDiscv5Packet(bytes, key.id, primitives), from);
  }

  /** Never throws. @returns Why it led to nothing, which is counted. */
  #count(step: () => Discv5Refusal | null): Discv5Refusal | null {
    try {
      const refusal = step();
      if (refusal !== null) this.#counts.refused(refusal);
      return refusal;
    } catch (error) {
      if (!(error instanceof Discv5Error)) {
        this.#options.hooks.onFault(error);
        return null;
      }
      this.#counts.refused(error.fault);
      return error.fault;
    }
  }

  #handlePacket(packet: Discv5Packet, from: Endpoint): Discv5Refusal | null {
    if (packet.kind === 'whoareyou') {
      this.#counts.accepted('whoareyou');
      return this.#handshakes.onWhoareyou(packet, from);
    }
    if (packet.sourceId === this.#options.key.id) return 'ownPacket';
    if (packet.kind === 'message') return this.#handleSealed(packet, from);
    this.#counts.accepted('handshake');
    return this.#handshakes.onHandshake(packet, from);
  }

  /** @throws {Discv5Error} A key opens it, and its content is no message. */
  #handleSealed(packet: MessagePacket, from: Endpoint): Discv5Refusal | null {
    const place = { id: packet.sourceId, endpoint: from };
    for (const session of this.#sessions.openers(place)) {
      const message = this.#openWith(session, packet);
      if (!message) continue;
      // an event for each message of keys in use would be one at line rate
      if (this.#sessions.find(session.target)) session.report({ type: 'message.opened' });
      return session.isOver ? null : this.#handleMessage(session, message, packet.nonce);
    }
    return this.#handshakes.onUnreadable(packet, from);
  }

  #openWith({ keys }: Session, packet: MessagePacket): Discv5Message | null {
    if (!keys) return null;
    try {
      return openMessage(packet, keys.readKey, this.#options.primitives);
    } catch (error) {
      if (error instanceof Discv5Error && error.fault === 'undecryptable') return null;
      throw error;
    }
  }

  /** The answer to their first message goes first, and only then may we ask. */
  #onValid(session: Session, { message, nonce, waiting, isNews }: FirstMessages): void {
    const { hooks } = this.#options;
    const { node, target } = session;
    this.#count(() => this.#handleMessage(session, message, nonce));
    for (const packet of waiting) this.#count(() => this.#handleSealed(packet, target.endpoint));
    if (!node) return;
    if (isNews) hooks.onRecord?.({ node });
    if (node.hostKind !== 'none' && node.udpPort !== 0) hooks.onNode?.({ node });
  }

  #handleMessage(
    session: Session,
    message: Discv5Message,
    nonce: Uint8Array,
  ): Discv5Refusal | null {
    this.#counts.accepted(message.type);
    switch (message.type) {
      case 'pong':
      case 'nodes':
      case 'talkResponse':
        return this.#requests.give(message, session.target);
      default:
        return this.#answers.answer(session, message, nonce);
    }
  }

  #recordAnswer(bytes: Uint8Array | undefined, node: Node): RecordResult {
    if (!bytes) return { type: 'invalid', detail: 'there is no record in the answer' };
    const { primitives, hooks } = this.#options;
    const result = recordAnswer(bytes, node, primitives);
    if (result.type === 'record' && result.record.seq > (node.record?.seq ?? 0))
      hooks.onRecord?.({ node: nodeOfRecord(result.record) });
    return result;
  }

  /** A request to a node that may be asked. */
  #ask(
    node: Node,
    message: WithoutId<Discv5Message>,
    done: (result: NoAnswer) => void,
    question: Question,
  ): () => void {
    const refusal = this.#refusalOf(node);
    if (refusal !== null) return refused(refusal, done);
    const requestId = hexOf(this.#options.random(REQUEST_ID_BYTES));
    const cancel = this.#requests.add({
      ...question,
      node,
      place: { id: node.id, endpoint: { host: node.host, port: node.udpPort } },
      message: { ...message, requestId } as Discv5Message,
      onClosed: () => done({ type: 'refused', why: 'closed' }),
    });
    return cancel ?? refused('tooManyRequests', done);
  }

  #refusalOf({ id, host, udpPort }: Node): RequestRefusal | null {
    if (this.#isClosed) return 'closed';
    if (id === this.#options.key.id) return 'ownNode';
    if (isIP(host) === 0 || udpPort === 0) return 'noUdpEndpoint';
    return this.#options.isAllowed(host) ? null : 'notInNetRestrict';
  }

  /** Its turn has come, or there are keys for it now. */
  #sendRequest(request: Request): void {
    const session = this.#sessions.newest(request.place);
    if (!session) return this.#handshakes.beginFor(request);
    const nonce = this.#seal(session, request.message);
    if (!nonce) return;
    request.isSent = true;
    this.#requests.sent(request, nonce);
  }

  /** With the keys that opened the question. They may be gone when an answer took its time. */
  #reply(session: Session, message: Discv5Message): void {
    if (!this.#isClosed) this.#seal(session, message);
  }

  /** Sends the message. @returns The nonce of its packet; null without keys. */
  #seal(session: Session, message: Discv5Message): Uint8Array | null {
    const { key, random, primitives } = this.#options;
    const { keys, target } = session;
    if (!keys) return null;
    const nonce = messageNonce(session.sealed, random);
    session.sealed += 1;
    const sides = { sourceId: key.id, recipientId: target.id };
    const { datagram } = sealMessage(
      { message, writeKey: keys.writeKey, nonce, ...sides },
      random,
      primitives,
    );
    this.#send(message.type, datagram, target.endpoint);
    return nonce;
  }

  #send(type: PacketType, datagram: Uint8Array, to: Endpoint): void {
    this.#counts.sent(type, datagram.length);
    this.#socket.send(datagram, to);
  }
}

type WithoutId<Message> = Message extends Message ? Omit<Message, 'requestId'> : never;
