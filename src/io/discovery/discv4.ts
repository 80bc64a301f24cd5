/**
 * Node Discovery v4 on one socket: answers what others ask within the rules of endpoint proofs and budgets, and asks for
 * others. Which nodes are known, asked or kept is decided elsewhere, and nothing of it waits here but for one answer.
 * Source: devp2p/discv4.md, EIP-868; go-ethereum p2p/discover/v4_udp.go.
 */
import { isIP } from 'node:net';

import { sealPacket } from '../crypto/discv4-packet.ts';
import { type Node, nodeAt } from '../crypto/node.ts';
import { endpointOf, type NodeRecord } from '../crypto/node-record.ts';
import {
  DISCV4_TYPES,
  type DiscoveryEndpoint,
  type Discv4Message,
} from '../wire/discv4-message.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { hexOf } from '../wire/hex.ts';
import { ClockCheck, VALID_MS } from './clock-check.ts';
import type { BindDatagrams, Datagram, DatagramHooks, DatagramSocket } from './datagram-socket.ts';
import type { Discv4Options } from './discv4-options.ts';
import { EndpointProofs } from './endpoint-proofs.ts';
import { NeighborsAnswer, packetsOf } from './neighbors.ts';
import { PacketCheck, type PacketRefusal, type VerifiedPacket } from './packet-check.ts';
import { PacketCounts, type PacketStats } from './packet-counts.ts';
import { PingWaiters } from './ping-waiters.ts';
import { recordAnswer } from './record-answer.ts';
import { type Expectation, RequestMatcher } from './request-matcher.ts';
import {
  type FindNodeResult,
  type NoAnswer,
  type PingResult,
  type RecordResult,
  type RequestRefusal,
  refused,
} from './request-results.ts';
import { SourceBudgets } from './source-budgets.ts';

/** Version in pings; ignored by those who read it. */
const VERSION = 4;

/** Pings to strangers that wait for a pong: a part of all requests, so that they leave room for ours. Ours. */
const MAX_BONDING = 128;

export type Discv4Stats = PacketStats<Discv4Message['type'], PacketRefusal> & {
  /** Requests that wait for an answer. */
  readonly requests: number;
  /** Nodes that have proven an address. */
  readonly proofs: number;
  /** Sources of which budgets are kept. */
  readonly sources: number;
  /** Requests in a row without an answer. Many may mean that the clock of this machine is wrong. */
  readonly timeoutsInARow: number;
  /** By how much our clock is behind those of others, in ms, below zero when it is ahead; null while it seems right. */
  readonly clockBehindMs: number | null;
};

/** A node at its IP address. */
type AskedNode = Pick<Node, 'id' | 'host' | 'udpPort'>;

type Question = Pick<Expectation, 'kind' | 'onAnswer' | 'onTimeout'>;

export class Discv4 {
  readonly #options: Discv4Options;
  readonly #socket: DatagramSocket;
  readonly #counts = new PacketCounts<Discv4Message['type'], PacketRefusal>(DISCV4_TYPES);
  readonly #budgets: SourceBudgets;
  readonly #requests: RequestMatcher;
  readonly #proofs: EndpointProofs;
  readonly #pingWaiters = new PingWaiters();
  readonly #clockCheck: ClockCheck;
  readonly #check: PacketCheck;
  #bonding = 0;
  #isClosed = false;

  /** The owner of the socket calls {@link receive}; {@link bind} does both. */
  constructor(socket: DatagramSocket, options: Discv4Options) {
    const { key, primitives, clock, unixTimeMs, isAllowed, proofs = [] } = options;
    this.#options = options;
    this.#socket = socket;
    this.#budgets = new SourceBudgets(clock);
    this.#requests = new RequestMatcher(clock);
    this.#proofs = new EndpointProofs(unixTimeMs);
    this.#proofs.restore(proofs);
    this.#clockCheck = new ClockCheck(clock, unixTimeMs);
    this.#check = new PacketCheck({
      ...{ ownId: key.id, primitives, clock, unixTimeMs, isAllowed },
      ...{ budgets: this.#budgets, requests: this.#requests, proofs: this.#proofs },
      clockCheck: this.#clockCheck,
    });
  }

  /** Rejects when the address cannot be bound. */
  static async bind(
    address: Endpoint,
    bind: BindDatagrams,
    { onLost, onRestored }: Pick<DatagramHooks, 'onLost' | 'onRestored'>,
    options: Discv4Options,
  ): Promise<Discv4> {
    let discv4: Discv4 | null = null;
    const socket = await bind(address, {
      ...{ onLost, onRestored },
      onDatagram: (datagram) => discv4?.receive(datagram),
      onUnsent: () => discv4?.noteUnsent(),
    });
    discv4 = new Discv4(socket, options);
    return discv4;
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  /** Never throws. @returns False when the datagram is no packet of this protocol. */
  receive(datagram: Datagram): boolean {
    if (this.#isClosed) return true;
    this.#counts.received(datagram.bytes.length);
    try {
      const packet = this.#check.check(datagram);
      const refusal = typeof packet === 'string' ? packet : this.#handle(packet, datagram.from);
      const isForeign = refusal === 'packetTooShort' || refusal === 'badPacketHash';
      if (isForeign && this.#options.onForeign) this.#options.onForeign(datagram);
      else if (refusal !== null) this.#counts.refused(refusal);
      return !isForeign;
    } catch (error) {
      this.#options.hooks.onFault(error);
      return true;
    }
  }

  /** The socket dropped a datagram of ours. */
  noteUnsent(): void {
    this.#counts.unsent();
  }

  /**
   * @param done Called once, perhaps before this returns; not after the cancel.
   * @returns Cancels.
   */
  ping(node: AskedNode, done: (result: PingResult) => void): () => void {
    const refusal = this.#refusalOf(node);
    if (refusal !== null) return refused(refusal, done);
    const { host, udpPort: port } = node;
    const { onContact, onStatement } = this.#options.hooks;
    onContact?.({ host });
    return this.#sendPing(node.id, { host, port }, (result) => {
      const endpoint = result.type === 'pong' ? result.statedEndpoint : null;
      if (endpoint?.host && endpoint.port !== 0) onStatement?.({ host, endpoint });
      done(result);
    });
  }

  /** As {@link ping}. The node answers only when it has our endpoint proof. @param target Public key, 64 bytes in hex. */
  findNode(node: AskedNode, target: string, done: (result: FindNodeResult) => void): () => void {
    const { isAllowed, primitives, key, hooks } = this.#options;
    const { id, host } = node;
    const answer = new NeighborsAnswer({ ownId: key.id, from: host, isAllowed, primitives });
    const end = (result: FindNodeResult): void => {
      const isAnswered = result.type === 'neighbors';
      if (isAnswered) this.#proofs.noteFindAnswered(id, host);
      else this.#proofs.noteFindFailed(id, host);
      hooks.onFindEnded?.({ id, host, isAnswered });
      done(result);
    };
    const finish = (): void => end({ type: 'neighbors', nodes: answer.nodes });
    return this.#ask(node, { type: 'findNode', target, expiration: this.#expiration() }, done, {
      kind: 'neighbors',
      onAnswer: (message) => {
        const isComplete = message.type === 'neighbors' && answer.add(message.nodes);
        if (isComplete) finish();
        return isComplete;
      },
      onTimeout: () => (answer.packets === 0 ? end({ type: 'timedOut' }) : finish()),
    });
  }

  /** As {@link ping}. The node answers only when it has our endpoint proof. */
  requestRecord(
    node: AskedNode & Pick<Node, 'record'>,
    done: (result: RecordResult) => void,
  ): () => void {
    const { primitives } = this.#options;
    return this.#ask(node, { type: 'enrRequest', expiration: this.#expiration() }, done, {
      kind: 'enrResponse',
      onAnswer: (message) => {
        if (message.type === 'enrResponse') done(recordAnswer(message.record, node, primitives));
        return true;
      },
      onTimeout: () => done({ type: 'timedOut' }),
    });
  }

  /**
   * Calls once with the next ping of the node from its address, which is answered before.
   *
   * @returns Ends the wait. Null when too many wait.
   */
  onPingOf(node: AskedNode, onPing: () => void): (() => void) | null {
    return this.#pingWaiters.add(node.id, node.host, onPing);
  }

  /** Whether the node does not have our endpoint proof, as far as we know: it would not answer `findNode`. */
  needsProof({ id, host }: AskedNode): boolean {
    return !this.#proofs.haveProvenOurs(id, host);
  }

  /** Whether the node has proven its endpoint to us. */
  isProven({ id, host }: AskedNode): boolean {
    return this.#proofs.isProven(id, host);
  }

  stats(): Discv4Stats {
    return {
      ...this.#counts.stats(),
      requests: this.#requests.size,
      proofs: this.#proofs.size,
      sources: this.#budgets.sources,
      timeoutsInARow: this.#requests.timeoutsInARow,
      clockBehindMs: this.#clockCheck.driftNow(this.#requests.timeoutsInARow),
    };
  }

  /** Closes the socket and ends all requests as refused. A second call does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#requests.close();
    this.#socket.close();
  }

  #handle(packet: VerifiedPacket, from: Endpoint): PacketRefusal | null {
    const { message, id } = packet;
    this.#counts.accepted(message.type);
    switch (message.type) {
      case 'ping':
        return this.#handlePing(packet, message, from);
      case 'findNode':
        if (!this.#proofs.isProven(id, from.host)) return 'unprovenEndpoint';
        return this.#answerFindNode(message.target, id, from);
      case 'enrRequest':
        if (!this.#proofs.isProven(id, from.host)) return 'unprovenEndpoint';
        this.#send(
          { type: 'enrResponse', requestHash: packet.hash, record: this.#options.record().bytes },
          from,
        );
        return null;
      case 'pong':
      case 'neighbors':
      case 'enrResponse':
        return this.#requests.give(message, from, id);
    }
  }

  #handlePing(
    { id, publicKey, hash }: VerifiedPacket,
    { from: said, recordSeq }: Extract<Discv4Message, { type: 'ping' }>,
    from: Endpoint,
  ): PacketRefusal | null {
    const { hooks, unixTimeMs, record } = this.#options;
    const { host, port } = from;
    const isProven = this.#proofs.isProven(id, host);
    if (!isProven && !this.#budgets.takePong(host)) return 'answerBudget';
    const node = nodeAt({ publicKey, id, host, udpPort: port, tcpPort: said.tcpPort });
    this.#send(
      {
        type: 'pong',
        to: { host, udpPort: port, tcpPort: said.tcpPort },
        pingHash: hash,
        expiration: this.#expiration(),
        recordSeq: record().seq,
      },
      from,
    );
    this.#proofs.notePing(id, host);
    if (!isProven) this.#bond(node);
    hooks.onPinged?.({ id, host, atMs: unixTimeMs() });
    hooks.onPing?.({ node, seq: recordSeq, isProven });
    this.#pingWaiters.pinged(id, host);
    return null;
  }

  /** Asks a node that pinged us for its endpoint proof: one ping at a time for each endpoint, within the budgets. */
  #bond(node: Node): void {
    const endpoint = { host: node.host, port: node.udpPort };
    const isUnderWay = this.#requests.isWaiting('pong', endpoint);
    if (isUnderWay || this.#bonding >= MAX_BONDING || !this.#budgets.takePing(node.host)) return;
    this.#bonding += 1;
    this.#sendPing(node.id, endpoint, ({ type }) => {
      this.#bonding -= 1;
      if (type === 'pong') this.#options.hooks.onProven?.({ node });
    });
  }

  #sendPing(id: string, to: Endpoint, done: (result: PingResult) => void): () => void {
    const { clock, record, unixTimeMs, hooks } = this.#options;
    const sentAt = clock.now();
    const ping: Discv4Message = {
      ...{ type: 'ping', version: VERSION },
      from: ownEndpoint(record()),
      to: { host: to.host, udpPort: to.port, tcpPort: 0 },
      expiration: this.#expiration(),
      recordSeq: record().seq,
    };
    return this.#request(id, to, ping, done, {
      kind: 'pong',
      onAnswer: (message) => {
        if (message.type !== 'pong') return false;
        this.#proofs.notePong(id, to.host);
        hooks.onPonged?.({ id, host: to.host, atMs: unixTimeMs() });
        done({
          type: 'pong',
          rttMs: clock.now() - sentAt,
          seq: message.recordSeq,
          statedEndpoint: { host: message.to.host, port: message.to.udpPort },
        });
        return true;
      },
      onTimeout: () => done({ type: 'timedOut' }),
    });
  }

  /** A request to a node that may be asked. */
  #ask(
    node: AskedNode,
    message: Discv4Message,
    done: (result: NoAnswer) => void,
    question: Question,
  ): () => void {
    const refusal = this.#refusalOf(node);
    if (refusal !== null) return refused(refusal, done);
    const to = { host: node.host, port: node.udpPort };
    return this.#request(node.id, to, message, done, question);
  }

  #request(
    id: string,
    endpoint: Endpoint,
    message: Discv4Message,
    done: (result: NoAnswer) => void,
    question: Question,
  ): () => void {
    const { datagram, hash } = this.#seal(message);
    const cancel = this.#requests.add({
      ...question,
      ...{ id, endpoint, hash: message.type === 'findNode' ? null : hash },
      onTimeout: () => {
        question.onTimeout();
        this.#checkClock();
      },
      onClosed: () => done({ type: 'refused', why: 'closed' }),
    });
    if (!cancel) return refused('tooManyRequests', done);
    this.#sendSealed(message.type, datagram, endpoint);
    return cancel;
  }

  #checkClock(): void {
    const byMs = this.#clockCheck.driftAfter(this.#requests.timeoutsInARow);
    if (byMs !== null) this.#options.hooks.onClockDrift?.({ byMs });
  }

  #refusalOf({ id, host, udpPort }: AskedNode): RequestRefusal | null {
    if (this.#isClosed) return 'closed';
    if (id === this.#options.key.id) return 'ownNode';
    if (isIP(host) === 0 || udpPort === 0) return 'noUdpEndpoint';
    return this.#options.isAllowed(host) ? null : 'notInNetRestrict';
  }

  #answerFindNode(target: string, id: string, from: Endpoint): null {
    const { closest, primitives, key } = this.#options;
    const targetId = hexOf(primitives.keccak256(Buffer.from(target, 'hex')));
    for (const nodes of packetsOf(closest(targetId), { id, host: from.host }, key.id))
      this.#send({ type: 'neighbors', nodes, expiration: this.#expiration() }, from);
    return null;
  }

  #send(message: Discv4Message, to: Endpoint): void {
    this.#sendSealed(message.type, this.#seal(message).datagram, to);
  }

  #seal(message: Discv4Message) {
    const { key, primitives } = this.#options;
    return sealPacket(message, key, primitives);
  }

  #sendSealed(type: Discv4Message['type'], datagram: Uint8Array, to: Endpoint): void {
    this.#counts.sent(type, datagram.length);
    this.#socket.send(datagram, to);
  }

  /** In seconds, as on the wire. */
  #expiration(): number {
    return Math.floor((this.#options.unixTimeMs() + VALID_MS) / 1_000);
  }
}

/** What the record says; nothing depends on it. */
function ownEndpoint(record: NodeRecord): DiscoveryEndpoint {
  const { host, udpPort, tcpPort } = endpointOf(record);
  return { host, udpPort, tcpPort };
}
