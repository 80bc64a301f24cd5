/**
 * A remote that is driven by hand over any byte stream: it says what it is told to, well-formed or not, at any time.
 * It answers nothing and checks nothing by itself, and reads all that comes until too much of it waits to be taken.
 * A peer that never reads is one whose `stream.duplex` is paused.
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

/** Frames that may wait to be taken, and their payloads in bytes: with more it stops reading until some are. */
export const MAX_UNTAKEN_FRAMES = 1024;
export const MAX_UNTAKEN_BYTES = 16 * 1024 * 1024;

/** Bytes that may wait for a handshake to begin: a hundred times the longest auth. */
const MAX_EARLY_BYTES = 256 * 1024;

/** Payloads as they are, as before both Hellos; or compressed, as everything is after them from version 5 on. */
export type Packing = 'plain' | 'packed';

export type RawPeerOptions = {
  readonly stream: ByteStream;
  /** Who it is in the handshake. What its Hello says is another matter. */
  readonly key: NodeKey;
  readonly random: Random;
  /** For the waits that have a limit. The system's unless given. */
  readonly clock?: Clock;
  readonly primitives?: Primitives;
};

/** Longest wait in ms on the clock; without it, until the stream ends. */
export type Patience = { readonly withinMs?: number };

export const rawPeer = (options: RawPeerOptions): RawPeer => new RawPeer(options);

export class RawPeer {
  readonly stream: ByteStream;
  /** Every byte that came, and whether their direction was closed. */
  readonly heard = { bytes: 0, isEnded: false };
  readonly #options: Required<RawPeerOptions>;
  /** Takes what it needs of a chunk, and says how far it came. */
  #reader: ((chunk: Uint8Array) => number) | null = null;
  #unread: Uint8Array[] = [];
  readonly #untaken: Frame[] = [];
  #writer: FrameWriter | null = null;
  /** Why nothing comes any more. */
  #ending: unknown = null;
  /** Of whoever waits: looks whether it is there. */
  #look: (() => void) | null = null;

  constructor(options: RawPeerOptions) {
    this.stream = options.stream;
    this.#options = { clock: systemClock, primitives: noblePrimitives, ...options };
    this.stream.duplex
      .on('data', (chunk: Uint8Array) => {
        this.heard.bytes += chunk.length;
        this.#change(() => this.#unread.push(chunk));
      })
      .on('end', () => {
        this.heard.isEnded = true;
        this.#end(new RawPeerError('gone', 'they closed their direction'));
      })
      .on('close', () => this.#end(new RawPeerError('gone', 'the stream is closed')));
  }

  /** Frames that came and were not taken, the oldest first, with their payloads as they came. */
  get untaken(): readonly Frame[] {
    return this.#untaken;
  }

  /**
   * As initiator: sends an auth and waits for the ack.
   * @throws {RawPeerError} `overdue` or `gone`. @throws {WireError} Their ack is unacceptable.
   */
  async dial(
    remote: PublicKey,
    { format = 'eip8', ...patience }: Patience & { readonly format?: HandshakeFormat } = {},
  ): Promise<void> {
    const sent = await makeAuth(this.#options, remote, format);
    this.write(sent.packet);
    const { bytes } = await this.#packet('ack', patience);
    this.#open(await readAck(this.#options, sent, bytes));
  }

  /**
   * As recipient: waits for an auth, in either format, and answers it. What `behind` says leaves in one piece with the ack.
   * @throws {RawPeerError} `overdue` or `gone`. @throws {WireError} Their auth is unacceptable.
   */
  async answer({
    behind = () => {},
    ...patience
  }: Patience & { readonly behind?: () => void } = {}): Promise<void> {
    const { bytes, format } = await this.#packet('auth', patience);
    const auth = await readAuth(this.#options, bytes, format);
    const { packet, session } = await makeAck(this.#options, auth);
    this.#open(session);
    this.stream.duplex.cork();
    this.write(packet);
    behind();
    this.stream.duplex.uncork();
  }

  /** Any bytes, at any time. */
  write(bytes: Uint8Array): void {
    this.stream.duplex.write(bytes);
  }

  /**
   * The frame of a message, with the payload as it is. Frames chain: each must be written, in order, or what follows
   * has a wrong MAC.
   * @throws {RawPeerError} `noSession`. @throws {RangeError} It would be larger than 16 MiB − 1.
   */
  seal(code: number, payload: Uint8Array): Uint8Array {
    if (!this.#writer) throw new RawPeerError('noSession', 'a frame needs a handshake before it');
    return this.#writer.seal(code, payload);
  }

  /** @param code The message id, 0 to 2³² − 1. @throws What {@link RawPeer.seal} throws. */
  say(code: number, payload: Uint8Array): void {
    this.write(this.seal(code, payload));
  }

  /** Compressed. @throws What {@link RawPeer.seal} throws. */
  sayPacked(code: number, payload: Uint8Array): void {
    this.say(code, compress(payload));
  }

  /** @param hello Whatever it claims, or the bytes in its place. @throws What {@link RawPeer.seal} throws. */
  sayHello(hello: Hello | Uint8Array): void {
    this.say(HELLO, hello instanceof Uint8Array ? hello : encodeHello(hello));
  }

  /** @param reason Or any number below 2³². @throws What {@link RawPeer.seal} throws. */
  sayDisconnect(
    reason: DisconnectReason | number,
    packing: Packing = 'plain',
    form: DisconnectForm = 'list',
  ): void {
    const payload = disconnectPayload(reason, form);
    this.say(DISCONNECT, packing === 'packed' ? compress(payload) : payload);
  }

  /** Destroys the stream: they see an orderly end. What was not written yet is lost. */
  close(): void {
    this.stream.destroy();
  }

  /** They see a reset, where the stream knows how to do that, as sockets do; an orderly end otherwise. */
  reset(): void {
    const duplex: Resettable = this.stream.duplex;
    if (duplex.resetAndDestroy) duplex.resetAndDestroy();
    else duplex.destroy();
  }

  /**
   * Takes the oldest frame that nobody took, with its payload as it came; one may wait at a time.
   * @throws {RawPeerError} `overdue` or `gone`. @throws {WireError} What came is no frame. @throws {TypeError} Somebody waits.
   */
  next(patience: Patience = {}): Promise<Frame> {
    let frame: Frame | undefined;
    return this.#until(() => {
      this.#change(() => {
        frame = this.#untaken.shift();
      });
      return frame;
    }, patience);
  }

  #packet(kind: 'auth' | 'ack', patience: Patience): Promise<HandshakePacket> {
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
    return this.#until(() => whole, patience);
  }

  #open(session: Session): void {
    const { primitives } = this.#options;
    this.#writer = createFrameWriter(session, primitives);
    const frames = createFrameReader(session, primitives, MAX_FRAME_BYTES);
    this.#read((chunk) => {
      const { offset, frame } = frames.read(chunk, 0);
      if (frame) this.#untaken.push(frame);
      return offset;
    });
  }

  #read(reader: (chunk: Uint8Array) => number): void {
    this.#change(() => {
      this.#reader = reader;
    });
  }

  #until<Value>(poll: () => Value | undefined, { withinMs }: Patience): Promise<Value> {
    if (this.#look) throw new TypeError('somebody waits already');
    const { clock } = this.#options;
    return new Promise<Value>((resolve, reject) => {
      const over = (): void => {
        this.#look = null;
        if (timer !== null) clock.clearTimeout(timer);
      };
      const overdue = new RawPeerError('overdue', `nothing came in ${withinMs} ms`);
      const giveUp = (): void => {
        over();
        reject(overdue);
      };
      const timer = withinMs === undefined ? null : clock.setTimeout(giveUp, withinMs);
      const look = (): void => {
        this.#look = null; // taking makes room, and what comes then is for whoever waits next
        const value = poll();
        this.#look = look;
        if (value === undefined && this.#ending === null) return;
        over();
        if (value === undefined) reject(this.#ending);
        else resolve(value);
      };
      look();
    });
  }

  /** Every step goes through here: what came is read as far as there is room, and the stream flows while there is some. */
  #change(step: () => void): void {
    const wasBlocked = this.#isBlocked;
    step();
    try {
      this.#pump();
    } catch (error) {
      this.#reader = null;
      this.#end(error);
    }
    if (this.#isBlocked) this.stream.duplex.pause();
    else if (wasBlocked) this.stream.duplex.resume();
    this.#look?.();
  }

  #pump(): void {
    for (let chunk = this.#unread[0]; chunk && this.#reader; chunk = this.#unread[0]) {
      if (this.#isFull) return;
      const taken = this.#reader(chunk);
      if (taken < chunk.length) this.#unread[0] = chunk.subarray(taken);
      else this.#unread.shift();
    }
  }

  get #isFull(): boolean {
    const bytes = this.#untaken.reduce((sum, { payload }) => sum + payload.length, 0);
    return this.#untaken.length >= MAX_UNTAKEN_FRAMES || bytes >= MAX_UNTAKEN_BYTES;
  }

  get #isBlocked(): boolean {
    const early = this.#unread.reduce((sum, { length }) => sum + length, 0);
    return this.#isFull || (!this.#reader && early >= MAX_EARLY_BYTES);
  }

  /** The first reason counts. */
  #end(ending: unknown): void {
    this.#ending ??= ending;
    this.#look?.();
  }
}

type Resettable = Duplex & { resetAndDestroy?: () => unknown };
