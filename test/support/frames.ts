/**
 * Sessions without a handshake, and frames made the way an attacker would, for the tests of the
 * framing.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { expect, vi } from 'vitest';

import { createByteIntake, MAX_SPARE_BYTES } from '../../src/io/crypto/byte-intake.ts';
import { createFrameMac } from '../../src/io/crypto/frame-mac.ts';
import type { RunningHash } from '../../src/io/crypto/primitives.ts';
import type { Frame, FrameReader } from '../../src/io/crypto/rlpx-frame.ts';
import { createSession, type Session, takeEgress } from '../../src/io/crypto/rlpx-session.ts';
import { HEADER_BYTES, writeFrameHeader } from '../../src/io/wire/frame-header.ts';
import { hex, pieces, chosenPrimitives as primitives } from './crypto.ts';

/**
 * A hash that costs nothing, for tests of the framing alone; also how go-ethereum's golden frame
 * was made.
 */
export const stubHash: RunningHash = { update: () => {}, digestInto: (out) => out.fill(1) };

/** Reads a stream to its end; every call must come further, or complete a frame. */
export function readAll(
  reader: FrameReader,
  stream: Uint8Array,
  size: number,
  onFrame: (frame: Frame) => void = () => {},
): Frame[] {
  const read: Frame[] = [];
  for (const piece of pieces(stream, size))
    for (let offset = 0; offset < piece.length; ) {
      const step = reader.read(piece, offset);
      expect(step.offset).toBeGreaterThan(offset);
      offset = step.offset;
      if (step.frame === null) continue;
      read.push(step.frame);
      onFrame(step.frame);
    }
  return read;
}

/** The same every time: what one side of it seals, the other side of another reads. */
export function plainSession(hash = primitives.runningKeccak256): Session {
  return sessionWith(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), hash);
}

export function sessionWith(aes: Uint8Array, mac: Uint8Array, hash: () => RunningHash): Session {
  return createSession({
    aesSecret: new Uint8Array(aes),
    macSecret: new Uint8Array(mac),
    egressMac: hash(),
    ingressMac: hash(),
  });
}

export function seededHash(...seeds: Uint8Array[]): RunningHash {
  const hash = primitives.runningKeccak256();
  for (const seed of seeds) hash.update(seed);
  return hash;
}

export function encodeFrameHeader(size: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  writeFrameHeader(size, header, 0);
  return header;
}

/** A header with a right MAC that announces any size. */
export function sealedHead(size: number): Uint8Array {
  return sealedPlain(size, new Uint8Array(0)).subarray(0, 32);
}

/** A frame with right MACs around any plain body; the first of a {@link plainSession}. */
export function sealedPlain(size: number, body: Uint8Array): Uint8Array {
  const { aesSecret, macSecret, mac: hash } = takeEgress(plainSession());
  const mac = createFrameMac(macSecret, hash, primitives);
  const { copy: encrypt } = primitives.aes256CtrStream(aesSecret);
  const header = encrypt(
    Uint8Array.of(size >>> 16, size >>> 8, size, ...hex('c28080'), ...new Uint8Array(10)),
  );
  const headerMac = mac.header(header).slice();
  const encrypted = encrypt(body);
  return concatBytes(header, headerMac, encrypted, mac.body(encrypted));
}

/** Bytes moved by `TypedArray.set` while `run` runs, in which no memory of an earlier message is there to be used. */
export function copiedBytes(run: () => void): number {
  takeSpareMemory();
  const spy = vi.spyOn(Uint8Array.prototype, 'set');
  try {
    run();
    return spy.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  } finally {
    spy.mockRestore();
  }
}

function takeSpareMemory(): void {
  for (let bytes = MAX_SPARE_BYTES; bytes > 1000; bytes /= 2)
    createByteIntake().fill(bytes, new Uint8Array(bytes), 0);
}
