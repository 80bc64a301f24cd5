/** A remote driven by hand: it can say anything at any time, well-formed or not, and keeps what it hears. */
import type { ByteStream } from '../../src/io/actors/byte-stream.ts';
import { createPacketReader, type HandshakePacket } from '../../src/io/crypto/handshake-packet.ts';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import type { PublicKey } from '../../src/io/crypto/primitives.ts';
import {
  createFrameReader,
  createFrameWriter,
  type Frame,
  type FrameReader,
  type FrameWriter,
} from '../../src/io/crypto/rlpx-frame.ts';
import {
  makeAck,
  makeAuth,
  readAck,
  readAuth,
  type Session,
} from '../../src/io/crypto/rlpx-handshake.ts';
import { HELLO } from '../../src/io/wire/base-message.ts';
import { MAX_FRAME_BYTES } from '../../src/io/wire/frame-header.ts';
import { encodeHello, type Hello } from '../../src/io/wire/hello.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { seededRandom } from './crypto.ts';
import { local, primitives } from './handshake.ts';

export class RawPeer {
  readonly stream: ByteStream;
  /** Every byte that came, and whether their direction was closed. */
  readonly heard = { bytes: 0, isEnded: false };
  readonly #key: NodeKey;
  readonly #arrived: Frame[] = [];
  #onFrame: ((frame: Frame) => void) | null = null;
  #take: (chunk: Uint8Array) => void = () => {};
  #frames: { readonly writer: FrameWriter; readonly reader: FrameReader } | null = null;

  constructor(stream: ByteStream, key: NodeKey) {
    this.stream = stream;
    this.#key = key;
    stream.duplex
      .on('data', (chunk: Uint8Array) => {
        this.heard.bytes += chunk.length;
        this.#take(chunk);
      })
      .on('end', () => {
        this.heard.isEnded = true;
      });
  }

  /** As recipient: waits for an auth and answers it, together with whatever `then` writes. */
  async answerAuth(then: () => void = () => {}): Promise<void> {
    const { bytes, format } = await this.#packet('auth');
    const us = local(this.#key, seededRandom(this.#key.id));
    const { packet, session } = await makeAck(us, await readAuth(us, bytes, format));
    this.#open(session);
    this.stream.duplex.cork();
    this.write(packet);
    then();
    this.stream.duplex.uncork();
  }

  /** As initiator. */
  async dial(remote: PublicKey, format: 'eip8' | 'legacy' = 'eip8'): Promise<void> {
    const us = local(this.#key, seededRandom(this.#key.id));
    const sent = await makeAuth(us, remote, format);
    this.write(sent.packet);
    const { bytes } = await this.#packet('ack');
    this.#open(await readAck(us, sent, bytes));
  }

  write(bytes: Uint8Array): void {
    this.stream.duplex.write(bytes);
  }

  /** The frame of a message, with the payload as it is. Frames chain: each must be written, in order. */
  seal(code: number, payload: Uint8Array): Uint8Array {
    return this.#session().writer.seal(code, payload);
  }

  say(code: number, payload: Uint8Array): void {
    this.write(this.seal(code, payload));
  }

  /** Compressed, as everything is after Hello. */
  sayPacked(code: number, payload: Uint8Array): void {
    this.say(code, compress(payload));
  }

  sayHello(hello: Hello): void {
    this.say(HELLO, encodeHello(hello));
  }

  /** The oldest frame that nobody took, with the payload as it came. */
  next(): Promise<Frame> {
    const frame = this.#arrived.shift();
    if (frame) return Promise.resolve(frame);
    return new Promise((resolve) => {
      this.#onFrame = resolve;
    });
  }

  /** Frames that came and were not taken. */
  get untaken(): readonly Frame[] {
    return this.#arrived;
  }

  #packet(kind: 'auth' | 'ack'): Promise<HandshakePacket> {
    const packets = createPacketReader(kind, { legacy: true });
    return new Promise((resolve) => {
      this.#take = (chunk) => {
        const { offset, packet } = packets.read(chunk, 0);
        if (!packet) return;
        const rest = chunk.subarray(offset);
        this.#take = (more) => void this.#early.push(more);
        if (rest.length > 0) this.#take(rest);
        resolve(packet);
      };
    });
  }

  /** What came behind a packet before there was a session. */
  readonly #early: Uint8Array[] = [];

  #open(session: Session): void {
    this.#frames = {
      writer: createFrameWriter(session, primitives),
      reader: createFrameReader(session, primitives, MAX_FRAME_BYTES),
    };
    this.#take = (chunk) => this.#readFrames(chunk);
    for (const chunk of this.#early.splice(0)) this.#take(chunk);
  }

  #readFrames(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      const step = this.#session().reader.read(chunk, offset);
      offset = step.offset;
      if (!step.frame) continue;
      const heard = this.#onFrame;
      this.#onFrame = null;
      if (heard) heard(step.frame);
      else this.#arrived.push(step.frame);
    }
  }

  #session() {
    if (!this.#frames) throw new Error('there is no session yet');
    return this.#frames;
  }
}
