/**
 * Routes each frame to the port of its protocol, answers pings and bounds the queues.
 * The hot path of a peer: only what ends or changes its lifecycle is reported.
 */

import type { Frame, PartialFrame } from '../crypto/rlpx-frame.ts';
import { type Budget, BudgetShare, GUARANTEED_BYTES } from '../process/budget.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import { TokenBucket } from '../process/token-bucket.ts';
import {
  BASE_PROTOCOL_LENGTH,
  DISCONNECT,
  EMPTY_PAYLOAD,
  HELLO,
  MAX_BASE_MESSAGE_BYTES,
  PING,
  PONG,
} from '../wire/base-message.ts';
import { decodeDisconnect } from '../wire/disconnect.ts';
import { WireError } from '../wire/error.ts';
import { MAX_FRAME_BYTES } from '../wire/frame-header.ts';
import { decompress, maxCompressedBytes, maxExpandedBytes } from '../wire/snappy.ts';
import type { PeerLinkEvent } from './link-events.ts';
import { type PortPlace, QueuedPort } from './protocol-port.ts';
import type { Traffic } from './traffic.ts';

/** Longest message id, as RLP. */
const MESSAGE_ID_BYTES = 5;

/** Most bytes queued for the handlers of one peer, in equal parts for its protocols. Source: reth, 32 MiB in flight. */
export const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** Most messages queued for one handler. */
export const MAX_UNREAD_MESSAGES = 1024;

/** Longest time a handler may take no message from a full queue, in ms. Source: security limits, "In-flight receive bytes". */
export const HANDLER_STALL_MS = 20_000;

/**
 * Pings accepted in one burst; refilled by one each second, as in reth. Its burst of 5 is exceeded by honest pings that
 * queued while this process, a handler or the network stood still: this one covers a minute of that. Ours.
 */
export const PING_BURST = 60;

export type RouterHooks = {
  readonly clock: Clock;
  readonly report: (event: PeerLinkEvent) => void;
  /** Writes ahead of the queued messages of the link. */
  readonly reply: (code: number, payload: Uint8Array) => void;
  /** @returns Bytes of the payload on the wire. */
  readonly send: (id: number, payload: Uint8Array) => Promise<number>;
  readonly traffic: Traffic;
  /** For queued messages and for the message being received. */
  readonly budget: Budget;
  readonly onPong: () => void;
  /** Reading may continue. */
  readonly onResume: () => void;
};

export class MessageRouter {
  readonly #hooks: RouterHooks;
  readonly #compressed: boolean;
  readonly ports: readonly QueuedPort[];
  readonly #share: BudgetShare;
  #unreadBytes = 0;
  /** Most bytes that the frame being received may need; 0 between frames. Not reserved while reading is stopped. */
  #expectedBytes = 0;
  readonly #stallDeadline: Deadline;
  readonly #pings: TokenBucket;
  #pongQueued = false;
  /** When our latest ping was ordered; null when its pong came. */
  #pingedAt: number | null = null;

  constructor(places: readonly PortPlace[], compressed: boolean, hooks: RouterHooks) {
    this.#hooks = hooks;
    this.#compressed = compressed;
    const { clock, send, traffic, budget } = hooks;
    this.#pings = new TokenBucket({ clock, size: PING_BURST, perSecond: 1 });
    this.#stallDeadline = new Deadline(clock, HANDLER_STALL_MS, () => this.#onStall());
    this.#share = new BudgetShare(budget, () => this.#resumeIfRoom());
    this.ports = places.map(
      (place) =>
        new QueuedPort(place, { clock, send, onTaken: this.#onTaken, traffic: traffic.of(place) }),
    );
  }

  /** Longest frame that can hold a message of any port; a longer one is rejected at its header, before its body is read (F2). */
  get maxFrameBytes(): number {
    const bytes = MESSAGE_ID_BYTES + maxCompressedBytes(this.#maxMessageBytes);
    return Math.min(MAX_FRAME_BYTES, bytes);
  }

  /** Too much is queued for handlers, of this peer or of all peers: reading must stop until `onResume`. */
  get isReadingStopped(): boolean {
    return this.#stallDeadline.isArmed;
  }

  expectPong(): void {
    this.#pingedAt = this.#hooks.clock.now();
  }

  /**
   * A part of a frame has arrived. Check `isReadingStopped` afterwards. What it announces is reserved only once the
   * guaranteed bytes of a link are here, so that an announcement alone takes no room from others (F2).
   */
  expectFrame({ announcedBytes, receivedBytes }: PartialFrame): void {
    if (this.#expectedBytes > 0 || receivedBytes < GUARANTEED_BYTES) return;
    const expanded = this.#compressed ? maxExpandedBytes(announcedBytes) : announcedBytes;
    this.#expectedBytes = Math.max(announcedBytes, Math.min(expanded, this.#maxMessageBytes));
    this.#reserveOrStop();
  }

  /**
   * Check `isReadingStopped` afterwards.
   *
   * @throws {WireError} The message is unacceptable.
   */
  route(frame: Frame): void {
    this.#expectedBytes = 0;
    this.#share.hold(this.#heldBytes);
    if (frame.code >= BASE_PROTOCOL_LENGTH) return this.#routeToPort(frame);
    switch (frame.code) {
      case HELLO:
        return this.#hooks.report({ type: 'hello.repeated' });
      case DISCONNECT:
        return this.#hooks.report({
          type: 'disconnect.received',
          ...decodeDisconnect(frame.payload),
        });
      case PING:
        this.#payload(frame, MAX_BASE_MESSAGE_BYTES);
        return this.#onPing();
      case PONG:
        this.#payload(frame, MAX_BASE_MESSAGE_BYTES);
        return this.#onPong();
      default: // 0x04 to 0x0f are reserved and ignored, as go-ethereum does
        this.#payload(frame, MAX_BASE_MESSAGE_BYTES);
    }
  }

  /** Delivers nothing more; handlers may still take what is queued. */
  close(reason: Error): void {
    this.#stallDeadline.disarm();
    for (const port of this.ports) port.close(reason);
  }

  /** After `close`: empties the queues and frees the budget. */
  drop(): void {
    this.#share.close();
    for (const port of this.ports) port.drop();
  }

  get #maxMessageBytes(): number {
    const longest = this.ports.map(({ place }) => place.maxMessageBytes);
    return Math.max(MAX_BASE_MESSAGE_BYTES, ...longest);
  }

  get #heldBytes(): number {
    return this.#unreadBytes + (this.isReadingStopped ? 0 : this.#expectedBytes);
  }

  #routeToPort(frame: Frame): void {
    const port = this.ports.find(
      ({ place: { offset, length } }) => frame.code >= offset && frame.code < offset + length,
    );
    if (!port) return this.#hooks.report({ type: 'message.unroutable', code: frame.code });
    const { offset, maxMessageBytes } = port.place;
    const payload = this.#payload(frame, maxMessageBytes);
    const code = frame.code - offset;
    port.traffic.ingress.add(code, frame.payload.length);
    this.#unreadBytes += port.deliver({ code, payload });
    if (this.#fillRatio(port) > 1) this.#stopReading();
    this.#reserveOrStop();
  }

  #payload(frame: Frame, maxBytes: number): Uint8Array {
    if (this.#compressed) return decompress(frame.payload, maxBytes);
    if (frame.payload.length > maxBytes)
      throw new WireError('messageTooBig', `${frame.payload.length} > ${maxBytes} bytes`);
    return frame.payload;
  }

  #onPing(): void {
    const { report, reply } = this.#hooks;
    if (!this.#pings.take()) return report({ type: 'ping.flooded' });
    if (this.#pongQueued) return; // one pong answers all pings of a turn
    this.#pongQueued = true;
    queueMicrotask(() => {
      this.#pongQueued = false;
      reply(PONG, EMPTY_PAYLOAD);
    });
  }

  #onPong(): void {
    if (this.#pingedAt === null) return;
    const afterMs = this.#hooks.clock.now() - this.#pingedAt;
    this.#pingedAt = null;
    this.#hooks.onPong();
    this.#hooks.report({ type: 'pong.received', afterMs });
  }

  /** Queued bytes are always counted; those of the frame being received only when they fit. */
  #reserveOrStop(): void {
    if (!this.#share.fitsOrWaits(this.#unreadBytes + this.#expectedBytes)) this.#stopReading();
    this.#share.hold(this.#heldBytes);
  }

  readonly #onTaken = (bytes: number): void => {
    this.#unreadBytes -= bytes;
    this.#share.hold(this.#heldBytes);
    this.#resumeIfRoom();
  };

  #resumeIfRoom(): void {
    if (!this.isReadingStopped) return;
    if (this.ports.some((port) => this.#fillRatio(port) > 1 / 2)) return;
    if (!this.#share.fitsOrWaits(this.#unreadBytes + this.#expectedBytes)) return;
    this.#stallDeadline.disarm();
    this.#share.hold(this.#heldBytes);
    this.#hooks.onResume();
  }

  /** Queued messages or bytes of this port, as a part of its limit: above 1, reading stops. */
  #fillRatio({ queued, queuedBytes }: QueuedPort): number {
    const portBytes = MAX_UNREAD_BYTES / this.ports.length;
    return Math.max(queued / MAX_UNREAD_MESSAGES, queuedBytes / portBytes);
  }

  #stopReading(): void {
    if (this.isReadingStopped) return;
    for (const port of this.ports) port.watchTaking();
    this.#stallDeadline.arm(this.#stallLeftMs);
  }

  /** A handler that took a message meanwhile has its time again. */
  #onStall(): void {
    const leftMs = this.#stallLeftMs;
    if (leftMs > 0) return this.#stallDeadline.arm(leftMs);
    const { name, version } = this.#fullestPort!;
    this.#hooks.report({ type: 'handler.stalled', protocol: `${name}/${version}` });
  }

  /** In full when nothing is queued: then other peers hold the room, and no handler of this one is late. */
  get #stallLeftMs(): number {
    const since = this.#fullestPort?.notTakingSince ?? null;
    if (since === null) return HANDLER_STALL_MS;
    return Math.max(0, since + HANDLER_STALL_MS - this.#hooks.clock.now());
  }

  get #fullestPort(): QueuedPort | undefined {
    const waiting = this.ports.filter(({ queued }) => queued > 0);
    return waiting.sort((a, b) => this.#fillRatio(b) - this.#fillRatio(a))[0];
  }
}
