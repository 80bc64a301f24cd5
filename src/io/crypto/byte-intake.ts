/**
 * Collects an announced number of bytes from chunks of any size. Memory grows with what has arrived, never with what
 * was announced, and a byte is copied a bounded number of times however small the chunks are (C5, F2, F3).
 */

/** Longest buffer that is kept for the next large message, one for all connections, in bytes. Ours. */
export const MAX_SPARE_BYTES = 2 * 1024 * 1024;

/** How much larger than what has arrived a buffer may be that is used again. */
const SPARE_RATIO = 4;

/** From here on, zeros are not worth their time: all bytes that can be seen have been written. */
const UNCLEARED_BYTES = 4096;

let spare = new Uint8Array(0);

/** Small enough to keep for every silent peer, large enough for a frame header. */
const FIRST_CAPACITY_BYTES = 64;

export type ByteIntake = {
  /** How many bytes are held. */
  length(): number;
  /**
   * Copies from `chunk` until `wanted` bytes are held or the chunk ends. Returns the offset it reached.
   */
  fill(wanted: number, chunk: Uint8Array, offset: number): number;
  /** A view of the bytes held, valid until the next `fill`. */
  peek(): Uint8Array;
  /** Returns the bytes held and starts empty. */
  release(): Uint8Array;
};

/** Gives back what was released and is not used any more. Bytes of other origin must not be given. */
export function recycle(released: Uint8Array): void {
  const { byteLength } = released.buffer;
  if (byteLength < UNCLEARED_BYTES || byteLength > MAX_SPARE_BYTES) return;
  spare = new Uint8Array(released.buffer as ArrayBuffer); // the latest: messages often have about one size
}

export function createByteIntake(): ByteIntake {
  let buffer = new Uint8Array(0);
  let length = 0;

  return {
    length: () => length,
    fill(wanted, chunk, offset) {
      const end = Math.min(chunk.length, offset + Math.max(0, wanted - length));
      if (end <= offset) return offset;
      const needed = length + end - offset;
      if (needed > buffer.length) buffer = grown(buffer, length, needed, wanted);
      buffer.set(chunk.subarray(offset, end), length);
      length = needed;
      return end;
    },
    peek: () => buffer.subarray(0, length),
    release() {
      const bytes = buffer.subarray(0, length);
      buffer = new Uint8Array(0);
      length = 0;
      return bytes;
    },
  };
}

/**
 * Doubles the buffer, so that all copies together stay below three times the size; never beyond `wanted`, unless it is
 * the spare one.
 */
function grown(
  buffer: Uint8Array,
  length: number,
  needed: number,
  wanted: number,
): Uint8Array<ArrayBuffer> {
  const doubled = Math.max(needed, 2 * buffer.length, FIRST_CAPACITY_BYTES);
  const larger =
    takenSpare(needed, Math.min(doubled, wanted)) ?? allocated(Math.min(doubled, wanted));
  larger.set(buffer.subarray(0, length));
  return larger;
}

/** If it lasts as long as a new buffer would. */
function takenSpare(needed: number, least: number): Uint8Array<ArrayBuffer> | null {
  if (spare.length < least || needed * SPARE_RATIO < spare.length) return null;
  const taken = spare;
  spare = new Uint8Array(0);
  return taken;
}

function allocated(bytes: number): Uint8Array<ArrayBuffer> {
  if (bytes < UNCLEARED_BYTES) return new Uint8Array(bytes);
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}
