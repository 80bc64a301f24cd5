/** The enc handshake of one link, a method for each step. No step starts another: the chart orders them. */
import type { HandshakePacket } from '../crypto/handshake-packet.ts';
import type { PublicKey } from '../crypto/primitives.ts';
import { nodeId, publicKeyHex } from '../crypto/public-key.ts';
import {
  type Local,
  makeAck,
  makeAuth,
  type ReceivedAuth,
  readAck,
  readAuth,
  type SentAuth,
  type Session,
} from '../crypto/rlpx-handshake.ts';
import type { SetupLinkEvent } from './link-events.ts';

export type EncHandshakeOptions = Local & {
  /** Key of the node we dialled; null for inbound. */
  readonly destination: PublicKey | null;
  /** As initiator, send the format from before EIP-8. */
  readonly legacyHandshake: boolean;
};

export type EncHandshakeHooks = {
  readonly write: (packet: Uint8Array) => void;
  readonly report: (event: SetupLinkEvent) => void;
  /** The session keys are derived. */
  readonly onSession: (session: Session) => void;
};

/** Each step rejects with a WireError when the bytes of the remote are at fault. */
export class EncHandshake {
  readonly #options: EncHandshakeOptions;
  readonly #hooks: EncHandshakeHooks;
  #sentAuth: SentAuth | null = null;
  #receivedAuth: ReceivedAuth | null = null;

  constructor(options: EncHandshakeOptions, hooks: EncHandshakeHooks) {
    this.#options = options;
    this.#hooks = hooks;
  }

  async sendAuth(): Promise<void> {
    const { destination, legacyHandshake } = this.#options;
    if (!destination) throw new TypeError('a link without destination cannot make an auth');
    const sent = await makeAuth(this.#options, destination, legacyHandshake ? 'legacy' : 'eip8');
    this.#sentAuth = sent;
    this.#hooks.write(sent.packet);
    this.#hooks.report({ type: 'auth.sent' });
  }

  async processAck(packet: Uint8Array): Promise<void> {
    const { destination } = this.#options;
    if (!destination || !this.#sentAuth) throw new TypeError('an ack needs an auth before it');
    const session = await readAck(this.#options, this.#sentAuth, packet);
    this.#hooks.onSession(session);
    this.#hooks.report({ type: 'ack.received', ...identityOf(destination) });
  }

  async processAuth({ bytes, format }: HandshakePacket): Promise<void> {
    this.#receivedAuth = await readAuth(this.#options, bytes, format);
    this.#hooks.report({ type: 'auth.received', ...identityOf(this.#receivedAuth.remoteKey) });
  }

  async sendAck(): Promise<void> {
    if (!this.#receivedAuth) throw new TypeError('an ack needs an auth before it');
    const { packet, session } = await makeAck(this.#options, this.#receivedAuth);
    this.#hooks.onSession(session);
    this.#hooks.write(packet);
    this.#hooks.report({ type: 'ack.sent' });
  }
}

const identityOf = (key: PublicKey): { readonly publicKey: string; readonly id: string } => ({
  publicKey: publicKeyHex(key),
  id: nodeId(key),
});
