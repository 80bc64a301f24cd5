/**
 * Nodes of Node Discovery v5 on a network in memory whose time only moves when a test says so, each with the real chart of
 * its sessions; and a sender whose packets a test makes.
 */
import { Inspection } from '../../src/actors/inspection.ts';
import { runActor } from '../../src/actors/run-actor.ts';
import { discv5Handshake } from '../../src/io/adapters/discv5-handshake.ts';
import { sealHandshake } from '../../src/io/crypto/discv5-handshake.ts';
import { messageNonce, type SessionKeys } from '../../src/io/crypto/discv5-keys.ts';
import {
  type Discv5Packet,
  openMessage,
  readDiscv5Packet,
  type SealedPacket,
  sealMessage,
  sealRandom,
  sealWhoareyou,
  type WhoareyouPacket,
} from '../../src/io/crypto/discv5-packet.ts';
import { type Node, nodeOfRecord } from '../../src/io/crypto/node.ts';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import type { NodeRecord } from '../../src/io/crypto/node-record.ts';
import { Discv5 } from '../../src/io/discovery/discv5.ts';
import type { Discv5Options } from '../../src/io/discovery/discv5-options.ts';
import type { SessionStart } from '../../src/io/discovery/discv5-sessions.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import type { Discv5Message } from '../../src/io/wire/discv5-message.ts';
import { encodeHeader, MASKING_IV_BYTES } from '../../src/io/wire/discv5-packet.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import {
  discv5SessionMachine,
  type SessionEnding,
} from '../../src/machines/discovery/discv5-session.ts';
import { chosenPrimitives, seededRandom } from './crypto.ts';
import { keyOf, LATENCY_MS, MemoryNet, recordOf } from './discv4-net.ts';
import { turns } from './turn.ts';

/** The same network, on which keys are agreed on outside the clock. */
export class SessionNet extends MemoryNet {
  /** Moves on in steps of a latency; after each, what takes turns of the event loop ends. */
  async advance(ms: number): Promise<void> {
    await turns(3);
    for (let left = ms; left > 0; left -= LATENCY_MS) {
      this.clock.advance(Math.min(left, LATENCY_MS));
      await turns(3);
    }
  }
}

/** How each session of a node ended, how many are running, and how many events their charts got. */
type SessionLog = { readonly endings: SessionEnding[]; running: number; events: number };

/** Runs the chart of each session, as the server does. */
export function sessionRunner(
  clock: Clock,
  openOf: () => Discv5,
): { readonly log: SessionLog; readonly start: (start: SessionStart) => void } {
  const log: SessionLog = { endings: [], running: 0, events: 0 };
  const inspection = new Inspection((error) => {
    throw error;
  });
  const machine = discv5SessionMachine.provide({
    actors: {
      handshake: discv5Handshake((target, report) =>
        openOf().openSession(target, (event) => {
          log.events += 1;
          report(event);
        }),
      ),
    },
  });
  const start = (input: SessionStart): void => {
    log.running += 1;
    runActor(machine, {
      ...{ id: `discv5-session:${input.target.number}`, input, clock, inspection },
      settle: (ending) => {
        log.running -= 1;
        log.endings.push(ending.status === 'done' ? ending.output.outcome : 'internalError');
      },
    });
  };
  return { log, start };
}

export type Discv5TestNode = {
  readonly discv5: Discv5;
  readonly key: NodeKey;
  readonly node: Node;
  readonly record: NodeRecord;
  readonly sessions: SessionLog;
  /** Calls of the hooks, in order. */
  readonly heard: readonly (readonly [name: string, what: unknown])[];
  readonly faults: readonly unknown[];
};

type Settings = Partial<
  Pick<Discv5Options, 'nodesAt' | 'recordOf' | 'isAllowed' | 'primitives'>
> & {
  readonly at?: Endpoint;
  readonly number?: number;
};

/** A node on the network. */
export function startV5(
  net: MemoryNet,
  { at = { host: '45.0.0.1', port: 30303 }, number = 1, ...settings }: Settings = {},
): Discv5TestNode {
  const key = keyOf(number);
  const record = recordOf(key, at);
  const heard: [string, unknown][] = [];
  const faults: unknown[] = [];
  const hear = (name: string) => (what: unknown) => void heard.push([name, what]);
  const socket = net.bind(at, (datagram) => discv5.receive(datagram));
  const { log, start } = sessionRunner(net.clock, () => discv5);
  const discv5: Discv5 = new Discv5(socket, {
    key,
    primitives: chosenPrimitives,
    clock: net.clock,
    random: seededRandom(`${key.id}`),
    record: () => record,
    isAllowed: () => true,
    nodesAt: () => [],
    recordOf: () => null,
    startSession: start,
    hooks: {
      onPing: hear('ping'),
      onStatement: hear('statement'),
      onContact: hear('contact'),
      onNode: hear('node'),
      onRecord: hear('record'),
      onFault: (error) => void faults.push(error),
    },
    ...settings,
  });
  return { discv5, key, node: nodeOfRecord(record), record, sessions: log, heard, faults };
}

/** A key and an address that do nothing by themselves. */
export class V5Sender {
  readonly key: NodeKey;
  readonly at: Endpoint;
  readonly record: NodeRecord;
  readonly received: Discv5Packet[] = [];
  keys: SessionKeys | null = null;
  readonly random = seededRandom('sender');
  readonly #net: MemoryNet;
  #sealed = 1;

  constructor(
    net: MemoryNet,
    { at = { host: '46.0.0.1', port: 30303 }, number = 2, listens = true } = {},
  ) {
    this.key = keyOf(number);
    this.at = at;
    this.record = recordOf(this.key, at);
    this.#net = net;
    if (!listens) return;
    net.bind(at, ({ bytes }) => {
      this.received.push(readDiscv5Packet(bytes, this.key.id, chosenPrimitives));
    });
  }

  get node(): Node {
    return nodeOfRecord(this.record);
  }

  /** Sends bytes as they are. */
  sendBytes(to: Discv5TestNode, bytes: Uint8Array): void {
    this.#net.inject(this.at, to.discv5.local, bytes);
  }

  /** A packet that the node cannot read. */
  unreadable(to: Discv5TestNode): SealedPacket {
    const sides = { sourceId: this.key.id, recipientId: to.key.id };
    return sealRandom(sides, this.random, chosenPrimitives);
  }

  /** Sends one. @returns Its nonce. */
  sendRandom(to: Discv5TestNode): Uint8Array {
    const { datagram, nonce } = this.unreadable(to);
    this.sendBytes(to, datagram);
    return nonce;
  }

  /** Answers a challenge of the node with this message, and keeps the keys. */
  async answer(
    to: Discv5TestNode,
    challenge: WhoareyouPacket,
    message: Discv5Message,
    { key = this.key, record = this.record, send = true } = {},
  ): Promise<Uint8Array> {
    const { keys, datagram } = await sealHandshake(
      { challenge, message, key, record, recipient: to.key.publicKey },
      this.random,
      chosenPrimitives,
    );
    this.keys = keys;
    this.#sealed = 1;
    if (send) this.sendBytes(to, datagram);
    return datagram;
  }

  /** Challenges the oldest packet that came. */
  challenge(to: Discv5TestNode, recordSeq = 0): void {
    const { nonce } = this.received.shift()!;
    const { datagram } = sealWhoareyou(
      { nonce, recordSeq, recipientId: to.key.id },
      this.random,
      chosenPrimitives,
    );
    this.sendBytes(to, datagram);
  }

  /** A message with the keys that it has. @returns The datagram. */
  send(to: Discv5TestNode, message: Discv5Message): Uint8Array {
    if (!this.keys) throw new Error('no keys');
    const { datagram } = sealMessage(
      {
        message,
        writeKey: this.keys.writeKey,
        nonce: messageNonce(this.#sealed++, this.random),
        sourceId: this.key.id,
        recipientId: to.key.id,
      },
      this.random,
      chosenPrimitives,
    );
    this.sendBytes(to, datagram);
    return datagram;
  }

  /** Any bytes, encrypted as a message of the session. */
  sendSealed(to: Discv5TestNode, plain: Uint8Array): void {
    if (!this.keys) throw new Error('no keys');
    const nonce = messageNonce(this.#sealed++, this.random);
    const header = encodeHeader(nonce, { kind: 'message', sourceId: this.key.id });
    const iv = new Uint8Array(MASKING_IV_BYTES);
    const { aes128Ctr, aes128GcmSeal } = chosenPrimitives;
    const sealed = aes128GcmSeal(this.keys.writeKey, nonce, plain, Buffer.concat([iv, header]));
    const masked = aes128Ctr(Buffer.from(to.key.id, 'hex').subarray(0, 16), iv, header);
    this.sendBytes(to, Buffer.concat([iv, masked, sealed]));
  }

  /** Takes the oldest challenge. */
  takeWhoareyou(): WhoareyouPacket {
    const index = this.received.findIndex(({ kind }) => kind === 'whoareyou');
    const packet = this.received.splice(index, 1)[0];
    if (index < 0 || packet?.kind !== 'whoareyou') throw new Error('no WHOAREYOU came');
    return packet;
  }

  /** Takes the oldest message, which its keys open. */
  takeMessage(): Discv5Message {
    const index = this.received.findIndex(({ kind }) => kind === 'message');
    const packet = this.received.splice(index, 1)[0];
    if (index < 0 || packet?.kind !== 'message' || !this.keys) throw new Error('no message came');
    return openMessage(packet, this.keys.readKey, chosenPrimitives);
  }
}
