/**
 * A remote side that a test drives by hand over any byte stream: it sends anything, valid or not, at any time. It
 * answers and checks nothing by itself, and reads until MAX_UNREAD_FRAMES or MAX_UNREAD_BYTES wait for `next`.
 * Pause `stream.duplex` for a peer that never reads.
 */
import type { Duplex } from 'node:stream';
import { createPacketReader, type HandshakePacket } from '../../io/crypto/handshake-packet.ts';
import type { NodeKey } from '../../io/crypto/node-key.ts';
import {
  noblePrimitives,
  type Primitives,
  type PublicKey,
  type Random,
} from '../../io/crypto/primitives.ts';
import {
  createFrameReader,
  createFrameWriter,
  type Frame,
  type FrameWriter,
} from '../../io/crypto/rlpx-frame.ts';
import {
  type HandshakeFormat,
  makeAck,
  makeAuth,
  readAck,
  readAuth,
  type Session,
} from '../../io/crypto/rlpx-handshake.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import { type Clock, systemClock } from '../../io/process/clock.ts';
import { DISCONNECT, HELLO } from '../../io/wire/base-message.ts';
import type { DisconnectReason } from '../../io/wire/disconnect.ts';
import { MAX_FRAME_BYTES } from '../../io/wire/frame-header.ts';
import { encodeHello, type Hello } from '../../io/wire/hello.ts';
import { compress } from '../../io/wire/snappy.ts';
import { type DisconnectForm, disconnectPayload } from './disconnect-forms.ts';
import { RawPeerError } from './raw-peer-error.ts';

/** Most frames that wait for `next`, and most bytes in their payloads; then the peer stops reading. */
export const MAX_UNREAD_FRAMES = 1024;
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** Most bytes that wait for `dial` or `answer`: a hundred times the longest auth. */
const MAX_EARLY_BYTES = 256 * 1024;

/** `plain` before both Hellos, `compressed` after them from version 5 on. */
export type PayloadEncoding = 'plain' | 'compressed';

export type RawPeerOptions = {
  readonly stream: ByteStream;
  /** Its key in the handshake. Its Hello may claim another. */
  readonly key: NodeKey;
  readonly random: Random;
  /** For waits with a limit. Default: the system clock. */
  readonly clock?: Clock;
  readonly primitives?: Primitives;
};

/** `withinMs`: longest wait in ms on the clock. Without it, the wait ends with the stream. */
export type WaitLimit = { readonly withinMs?: number };

export const rawPeer = (options: RawPeerOptions): RawPeer => new RawPeer(options);

export class RawPeer {
  readonly stream: ByteStream;
  /** Number of bytes received, and whether the other side closed its direction. */
  readonly received = { bytes: 0, isEnded: false };
  readonly #options: Required<RawPeerOptions>;
  /** Reads from a chunk; returns the number of bytes it used. */
  #reader: ((chunk: Uint8Array) => number) | null = null;
  #chunks: Uint8Array[] = [];
  readonly #unreadFrames: Frame[] = [];
  #writer: FrameWriter | null = null;
  /** Why the stream ended; null while it is open. */
  #ending: unknown = null;
  /** Checks whether the waiting call can resolve; null without one. */
  #checkWaiter: (() => void) | null = null;

  constructor(options: RawPeerOptions) {
    this.stream = options.stream;
    this.#options = { clock: systemClock, primitives: noblePrimitives, ...options };
    this.stream.duplex
      .on('data', (chunk: Uint8Array) => {
        this.received.bytes += chunk.length;
        this.#change(() => this.#chunks.push(chunk));
      })
      .on('end', () => {
        this.received.isEnded = true;
        this.#end(new RawPeerError('closed', 'the other side closed its direction'));
      })
      .on('close', () => this.#end(new RawPeerError('closed', 'the stream is closed')));
  }

  /** Received frames that `next` has not returned, oldest first, with payloads as received. */
  get unreadFrames(): readonly Frame[] {
    return this.#unreadFrames;
  }

  /**
   * Initiator's side of the handshake: sends an auth and waits for the ack.
   * @throws {RawPeerError} `timeout` or `closed`. @throws {WireError} Their ack is invalid.
   */
  async dial(
    remote: PublicKey,
    { format = 'eip8', ...limit }: WaitLimit & { readonly format?: HandshakeFormat } = {},
  ): Promise<void> {
    const sent = await makeAuth(this.#options, remote, format);
    this.write(sent.packet);
    const { bytes } = await this.#packet('ack', limit);
    this.#open(await readAck(this.#options, sent, bytes));
  }

  /**
   * Recipient's side of the handshake: waits for an auth in either format and sends the ack. What `afterAck` sends is
   * written together with the ack.
   * @throws {RawPeerError} `timeout` or `closed`. @throws {WireError} Their auth is invalid.
   */
  async answer({
    afterAck = () => {},
    ...limit
  }: WaitLimit & { readonly afterAck?: () => void } = {}): Promise<void> {
    const { bytes, format } = await this.#packet('auth', limit);
    const auth = await readAuth(this.#options, bytes, format);
    const { packet, session } = await makeAck(this.#options, auth);
    this.#open(session);
    this.stream.duplex.cork();
    this.write(packet);
    afterAck();
    this.stream.duplex.uncork();
  }

  /** Writes any bytes. */
  write(bytes: Uint8Array): void {
    this.stream.duplex.write(bytes);
  }

  /**
   * Makes the frame of a message with an uncompressed payload. The MAC covers all frames, so every frame must be written,
   * in order.
   * @throws {RawPeerError} `noSession`. @throws {RangeError} The frame would be larger than 16 MiB − 1.
   */
  seal(code: number, payload: Uint8Array): Uint8Array {
    if (!this.#writer) throw new RawPeerError('noSession', 'a frame needs a handshake before it');
    return this.#writer.seal(code, payload);
  }

  /** Sends a message with an uncompressed payload. @param code Message id, 0 to 2³² − 1. @throws What {@link RawPeer.seal} throws. */
  send(code: number, payload: Uint8Array): void {
    this.write(this.seal(code, payload));
  }

  /** Sends a message with a compressed payload. @throws What {@link RawPeer.seal} throws. */
  sendCompressed(code: number, payload: Uint8Array): void {
    this.send(code, compress(payload));
  }

  /** @param hello Any Hello, or the bytes of the payload. @throws What {@link RawPeer.seal} throws. */
  sendHello(hello: Hello | Uint8Array): void {
    this.send(HELLO, hello instanceof Uint8Array ? hello : encodeHello(hello));
  }

  /** @param reason Name, or any number below 2³². @throws What {@link RawPeer.seal} throws. */
  sendDisconnect(
    reason: DisconnectReason | number,
    encoding: PayloadEncoding = 'plain',
    form: DisconnectForm = 'list',
  ): void {
    const payload = disconnectPayload(reason, form);
    this.send(DISCONNECT, encoding === 'compressed' ? compress(payload) : payload);
  }

  /** Destroys the stream; the other side sees a FIN. Unsent data is lost. */
  close(): void {
    this.stream.destroy();
  }

  /** The other side sees a reset if the stream supports it, as sockets do; otherwise a FIN. */
  reset(): void {
    const duplex: Resettable = this.stream.duplex;
    if (duplex.resetAndDestroy) duplex.resetAndDestroy();
    else duplex.destroy();
  }

  /**
   * Waits for the next frame; the payload is as received. Only one call may wait at a time.
   * @throws {RawPeerError} `timeout` or `closed`. @throws {WireError} Invalid frame. @throws {TypeError} A call is waiting.
   */
  next(limit: WaitLimit = {}): Promise<Frame> {
    let frame: Frame | undefined;
    return this.#waitFor(() => {
      this.#change(() => {
        frame = this.#unreadFrames.shift();
      });
      return frame;
    }, limit);
  }

  #packet(kind: 'auth' | 'ack', limit: WaitLimit): Promise<HandshakePacket> {
    const packets = createPacketReader(kind, { legacy: true });
    let whole: HandshakePacket | undefined;
    this.#read((chunk) => {
      const { offset, packet } = packets.read(chunk, 0);
      if (packet) {
        whole = packet;
        this.#reader = null;
      }
      return offset;
    });
    return this.#waitFor(() => whole, limit);
  }

  #open(session: Session): void {
    const { primitives } = this.#options;
    this.#writer = createFrameWriter(session, primitives);
    const frames = createFrameReader(session, primitives, MAX_FRAME_BYTES);
    this.#read((chunk) => {
      const { offset, frame } = frames.read(chunk, 0);
      if (frame) this.#unreadFrames.push(frame);
      return offset;
    });
  }

  #read(reader: (chunk: Uint8Array) => number): void {
    this.#change(() => {
      this.#reader = reader;
    });
  }

  #waitFor<Value>(poll: () => Value | undefined, { withinMs }: WaitLimit): Promise<Value> {
    if (this.#checkWaiter) throw new TypeError('another call is already waiting');
    const { clock } = this.#options;
    return new Promise<Value>((resolve, reject) => {
      const end = (): void => {
        this.#checkWaiter = null;
        if (timer !== null) clock.clearTimeout(timer);
      };
      const timeout = new RawPeerError('timeout', `nothing arrived within ${withinMs} ms`);
      const onTimeout = (): void => {
        end();
        reject(timeout);
      };
      const timer = withinMs === undefined ? null : clock.setTimeout(onTimeout, withinMs);
      const check = (): void => {
        this.#checkWaiter = null; // `poll` makes space, and frames read then belong to the next call
        const value = poll();
        this.#checkWaiter = check;
        if (value === undefined && this.#ending === null) return;
        end();
        if (value === undefined) reject(this.#ending);
        else resolve(value);
      };
      check();
    });
  }

  /** Runs `step`, then reads waiting chunks while there is space, and pauses or resumes the stream accordingly. */
  #change(step: () => void): void {
    const wasBlocked = this.#isBlocked;
    step();
    try {
      this.#readChunks();
    } catch (error) {
      this.#reader = null;
      this.#end(error);
    }
    if (this.#isBlocked) this.stream.duplex.pause();
    else if (wasBlocked) this.stream.duplex.resume();
    this.#checkWaiter?.();
  }

  #readChunks(): void {
    for (let chunk = this.#chunks[0]; chunk && this.#reader; chunk = this.#chunks[0]) {
      if (this.#isFull) return;
      const taken = this.#reader(chunk);
      if (taken < chunk.length) this.#chunks[0] = chunk.subarray(taken);
      else this.#chunks.shift();
    }
  }

  get #isFull(): boolean {
    const bytes = this.#unreadFrames.reduce((sum, { payload }) => sum + payload.length, 0);
    return this.#unreadFrames.length >= MAX_UNREAD_FRAMES || bytes >= MAX_UNREAD_BYTES;
  }

  get #isBlocked(): boolean {
    const waiting = this.#chunks.reduce((sum, { length }) => sum + length, 0);
    return this.#isFull || (!this.#reader && waiting >= MAX_EARLY_BYTES);
  }

  /** Keeps the first reason. */
  #end(ending: unknown): void {
    this.#ending ??= ending;
    this.#checkWaiter?.();
  }
}

type Resettable = Duplex & { resetAndDestroy?: () => unknown };
