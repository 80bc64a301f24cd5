/**
 * Frames of one RLPx session: seals messages, and reads them from the byte stream. Nothing is decrypted
 * before its MAC is verified. Payloads are as on the wire: compression is left to others.
 * Source: devp2p/rlpx.md, "Framing".
 */
import { WireError } from '../wire/error.ts';
import {
  decodeFrameHeader,
  decodeMessageId,
  encodeMessageId,
  HEADER_BYTES,
  MAC_BYTES,
  MAX_FRAME_BYTES,
  writeFrameHeader,
} from '../wire/frame-header.ts';
import { createByteIntake, recycle } from './byte-intake.ts';
import { createFrameMac } from './frame-mac.ts';
import type { Primitives } from './primitives.ts';
import { type Session, takeEgress, takeIngress } from './rlpx-session.ts';

/** Bodies are zero-filled to whole cipher blocks. */
const BLOCK_BYTES = 16;
const HEAD_BYTES = HEADER_BYTES + MAC_BYTES;
const NOTHING = new Uint8Array(0);

export type FrameWriter = {
  /**
   * One array with the whole frame, owned by the caller; small ones share their buffer. Frames must
   * reach the wire in the order of the calls.
   *
   * @throws {RangeError} The frame would be larger than 16 MiB − 1. The writer is unchanged.
   */
  seal(code: number, payload: Uint8Array): Uint8Array;
};

export type Frame = {
  readonly code: number;
  /** A view of a buffer made for this frame; shares no memory with the chunks it arrived in. */
  readonly payload: Uint8Array;
  /** Header, padding and both MACs included. */
  readonly wireBytes: number;
};

export type PartialFrame = {
  /** Size of the frame whose header was read, in bytes without padding; 0 before its header. */
  readonly announcedBytes: number;
  /** Bytes of its header or body held so far. */
  readonly receivedBytes: number;
};

export type FrameReader = {
  /**
   * Reads `chunk` from `offset` to its end or to the end of the first complete frame, and returns the
   * offset it reached. Consumes at least one byte if there is one. Holds the bytes of at most one frame.
   * After a fault the stream is out of step: every further call throws the same error.
   *
   * @throws {WireError} `badHeaderMac`, `frameTooBig`, `badFrameMac` or `malformedFrame`.
   */
  read(chunk: Uint8Array, offset: number): { offset: number; frame: Frame | null };
  /** What is here of the frame being received. */
  partialFrame(): PartialFrame;
  /** Changes the size limit, from the next header on. */
  allow(maxFrameBytes: number): void;
};

/** Frames up to this size share memory with others: allocating each would cost more than encrypting it. Ours. */
const MAX_POOLED_BYTES = 2048;

/** Memory for frames, of all writers. */
const POOL_BYTES = 32 * 1024;

let pool = new ArrayBuffer(0);
let poolUsed = 0;

/** With anything in it. */
function allocate(bytes: number): Uint8Array {
  if (bytes > MAX_POOLED_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
  if (poolUsed + bytes > pool.byteLength) {
    pool = new ArrayBuffer(POOL_BYTES);
    poolUsed = 0;
  }
  const frame = new Uint8Array(pool, poolUsed, bytes);
  poolUsed += bytes;
  return frame;
}

/** Takes the sending side of `session`. */
export function createFrameWriter(session: Session, primitives: Primitives): FrameWriter {
  const { stream, mac } = takeCiphers(takeEgress(session), primitives);

  return {
    seal(code, payload) {
      const id = encodeMessageId(code);
      const size = id.length + payload.length;
      const messageEnd = HEAD_BYTES + size;
      const bodyEnd = HEAD_BYTES + padded(size);
      const frame = allocate(bodyEnd + MAC_BYTES); // every byte is written
      // the plain header is put where its MAC will be, next to the body, so that one call encrypts both
      writeFrameHeader(size, frame, HEADER_BYTES);
      frame.set(id, HEAD_BYTES);
      frame.set(payload, HEAD_BYTES + id.length);
      frame.fill(0, messageEnd, bodyEnd);
      stream.apply(frame, HEADER_BYTES, bodyEnd);
      frame.copyWithin(0, HEADER_BYTES, HEAD_BYTES);
      put(mac.header(frame), frame, HEADER_BYTES);
      put(mac.body(frame.subarray(HEAD_BYTES, bodyEnd)), frame, bodyEnd);
      return frame;
    },
  };
}

/**
 * Takes the receiving side of `session`. A header that announces more than `maxFrameBytes` (message
 * id and payload, without padding) is refused before any byte of its body is read (F1).
 */
export function createFrameReader(
  session: Session,
  primitives: Primitives,
  maxFrameBytes: number,
): FrameReader {
  const { stream, mac } = takeCiphers(takeIngress(session), primitives);
  const intake = createByteIntake();
  let limit = checkedLimit(maxFrameBytes);
  let announced: number | null = null;
  /** Bytes of the body that its MAC has absorbed. */
  let absorbed = 0;
  let ending: unknown = null;

  /**
   * All `wanted` bytes, without a copy when the chunk holds them, or null. They end at `offset`.
   */
  function collect(wanted: number, chunk: Uint8Array, from: number) {
    const end = from + wanted;
    if (intake.length() === 0 && end <= chunk.length)
      return { offset: end, bytes: chunk.subarray(from, end), isOurs: false };
    const offset = intake.fill(wanted, chunk, from);
    return { offset, bytes: intake.length() === wanted ? intake.release() : null, isOurs: true };
  }

  function openHead(head: Uint8Array): number {
    if (!primitives.equal(mac.header(head), head.subarray(HEADER_BYTES)))
      throw new WireError('badHeaderMac', 'the header MAC differs');
    const size = decodeFrameHeader(stream.copy(head.subarray(0, HEADER_BYTES)));
    if (size > limit) throw new WireError('frameTooBig', `${size} > ${limit} bytes`);
    return size;
  }

  function openBody(body: Uint8Array, size: number): Frame {
    const encrypted = body.subarray(0, -MAC_BYTES);
    if (!primitives.equal(mac.body(NOTHING), body.subarray(-MAC_BYTES)))
      throw new WireError('badFrameMac', 'the frame MAC differs');
    const message = stream.copy(encrypted).subarray(0, size);
    const { code, idBytes } = decodeMessageId(message);
    return { code, payload: message.subarray(idBytes), wireBytes: HEAD_BYTES + body.length };
  }

  /** Absorbs bytes as they arrive, so that the end of a large frame does not block the event loop. */
  function absorb(chunk: Uint8Array, from: number, size: number): void {
    const part = chunk.subarray(from, from + padded(size) - absorbed);
    mac.part(part);
    absorbed += part.length;
  }

  const readNext: FrameReader['read'] = (chunk, from) => {
    let offset = from;
    if (announced === null) {
      const head = collect(HEAD_BYTES, chunk, offset);
      if (head.bytes === null) return { offset: head.offset, frame: null };
      announced = openHead(head.bytes);
      offset = head.offset;
    }
    absorb(chunk, offset, announced);
    const body = collect(padded(announced) + MAC_BYTES, chunk, offset);
    if (body.bytes === null) return { offset: body.offset, frame: null };
    const frame = openBody(body.bytes, announced);
    if (body.isOurs) recycle(body.bytes);
    announced = null;
    absorbed = 0;
    return { offset: body.offset, frame };
  };

  return {
    read(chunk, offset) {
      if (ending !== null) throw ending;
      try {
        return readNext(chunk, offset);
      } catch (error) {
        ending = error;
        throw error;
      }
    },
    partialFrame: () => ({ announcedBytes: announced ?? 0, receivedBytes: intake.length() }),
    allow(maxFrameBytes) {
      limit = checkedLimit(maxFrameBytes);
    },
  };
}

function takeCiphers(secrets: ReturnType<typeof takeEgress>, primitives: Primitives) {
  const stream = primitives.aes256CtrStream(secrets.aesSecret);
  const mac = createFrameMac(secrets.macSecret, secrets.mac, primitives);
  secrets.aesSecret.fill(0);
  secrets.macSecret.fill(0);
  return { stream, mac };
}

function padded(size: number): number {
  return (size + BLOCK_BYTES - 1) & -BLOCK_BYTES;
}

/** In place of `set`, which costs more than 16 bytes do. */
function put(mac: Uint8Array, frame: Uint8Array, at: number): void {
  for (let index = 0; index < MAC_BYTES; index++) frame[at + index] = mac[index]!;
}

function checkedLimit(maxFrameBytes: number): number {
  if (!Number.isInteger(maxFrameBytes) || maxFrameBytes < 1 || maxFrameBytes > MAX_FRAME_BYTES)
    throw new RangeError(`"maxFrameBytes" expected 1 to ${MAX_FRAME_BYTES}, got ${maxFrameBytes}`);
  return maxFrameBytes;
}
