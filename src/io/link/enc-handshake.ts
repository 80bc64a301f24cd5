/** The enc handshake of one link, a method for each step. No step starts another: the chart orders them. */
import type { HandshakePacket } from '../crypto/handshake-packet.ts';
import type { Primitives, PublicKey } from '../crypto/primitives.ts';
import { nodeId, publicKeyHex } from '../crypto/public-key.ts';
import {
  checkPoint,
  type Local,
  makeAck,
  makeAuth,
  type ReceivedAuth,
  readAck,
  readAuth,
  type SentAuth,
  type Session,
} from '../crypto/rlpx-handshake.ts';
import {
  type HandshakeQueue,
  type HandshakeTicket,
  MAX_STRANGERS,
} from '../process/handshake-queue.ts';
import { WireError } from '../wire/error.ts';
import type { SetupLinkEvent } from './link-events.ts';
import type { RecentAuths } from './recent-auths.ts';

export type EncHandshakeOptions = Omit<Local, 'nextTurn'> & {
  /** Key of the node we dialled; null for inbound. */
  readonly destination: PublicKey | null;
  /** As initiator, send the format from before EIP-8. */
  readonly legacyHandshake: boolean;
  /** Inbound, from the address of a node that the user named: its handshake does not wait behind those of strangers. */
  readonly isExpected: boolean;
  /** Shared by all handshakes of the server. */
  readonly handshakeQueue: HandshakeQueue;
  readonly recentAuths: RecentAuths;
};

export type EncHandshakeHooks = {
  readonly write: (packet: Uint8Array) => void;
  readonly report: (event: SetupLinkEvent) => void;
  /** The session keys are derived. */
  readonly onSession: (session: Session) => void;
};

/**
 * Each step rejects with a WireError when the bytes of the remote are at fault, and with `HANDSHAKE_ABANDONED` when the
 * handshake was abandoned before its end.
 */
export class EncHandshake {
  readonly #options: EncHandshakeOptions;
  readonly #hooks: EncHandshakeHooks;
  readonly #local: Local;
  #ticket: HandshakeTicket | null = null;
  #packet: HandshakePacket | null = null;
  #sentAuth: SentAuth | null = null;
  #receivedAuth: ReceivedAuth | null = null;

  constructor(options: EncHandshakeOptions, hooks: EncHandshakeHooks) {
    this.#options = options;
    this.#hooks = hooks;
    const { key, random, primitives } = options;
    const nextTurn = async (): Promise<void> => this.#ticket?.turn();
    this.#local = { key, random, primitives, nextTurn };
  }

  /** No step continues after this. */
  abandon(): void {
    this.#ticket?.leave();
  }

  async sendAuth(): Promise<void> {
    const { destination, legacyHandshake } = this.#options;
    if (!destination) throw new TypeError('a link without destination cannot make an auth');
    this.#enterQueue();
    const sent = await makeAuth(this.#local, destination, legacyHandshake ? 'legacy' : 'eip8');
    this.#sentAuth = sent;
    this.#hooks.write(sent.packet);
    this.#hooks.report({ type: 'auth.sent' });
  }

  async processAck(packet: Uint8Array): Promise<void> {
    const { destination } = this.#options;
    if (!destination || !this.#sentAuth) throw new TypeError('an ack needs an auth before it');
    const session = await readAck(this.#local, this.#sentAuth, packet);
    this.#hooks.onSession(session);
    this.#ticket?.leave();
    this.#hooks.report({
      type: 'ack.received',
      ...identityOf(destination, this.#options.primitives),
    });
  }

  /** Keeps the packet for `processAuth`. @throws {WireError} `invalidPublicKey` or `replayedAuth` */
  queueAuth(packet: HandshakePacket): void {
    checkPoint(packet.bytes, packet.format);
    if (this.#options.recentAuths.isReplay(packet.bytes))
      throw new WireError('replayedAuth', `${packet.bytes.length} bytes that came before`);
    this.#packet = packet;
    this.#hooks.report({ type: 'auth.queued' });
  }

  async processAuth(): Promise<void> {
    const packet = this.#packet;
    if (!packet) throw new TypeError('an auth is queued before it is processed');
    this.#packet = null;
    if (!this.#enterQueue()) {
      this.#hooks.report({ type: 'handshakes.full', waiting: MAX_STRANGERS });
      return;
    }
    this.#receivedAuth = await readAuth(this.#local, packet.bytes, packet.format);
    this.#hooks.report({
      type: 'auth.received',
      ...identityOf(this.#receivedAuth.remoteKey, this.#options.primitives),
    });
  }

  async sendAck(): Promise<void> {
    if (!this.#receivedAuth) throw new TypeError('an ack needs an auth before it');
    const { packet, session } = await makeAck(this.#local, this.#receivedAuth);
    this.#hooks.onSession(session);
    this.#hooks.write(packet);
    this.#ticket?.leave();
    this.#hooks.report({ type: 'ack.sent' });
  }

  #enterQueue(): boolean {
    const { destination, isExpected, handshakeQueue } = this.#options;
    this.#ticket = handshakeQueue.enter(destination || isExpected ? 'expected' : 'stranger');
    return this.#ticket !== null;
  }
}

const identityOf = (
  key: PublicKey,
  primitives: Primitives,
): { readonly publicKey: string; readonly id: string } => ({
  publicKey: publicKeyHex(key),
  id: nodeId(key, primitives),
});
