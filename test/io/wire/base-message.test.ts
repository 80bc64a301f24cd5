import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';

import {
  BASE_PROTOCOL_LENGTH,
  BASE_PROTOCOL_VERSION,
  DISCONNECT,
  EMPTY_PAYLOAD,
  HELLO,
  MAX_BASE_MESSAGE_BYTES,
  PING,
  PONG,
  SNAPPY_FROM_VERSION,
} from '../../../src/io/wire/base-message.ts';
import { decodeMessageId } from '../../../src/io/wire/frame-header.ts';
import { decompress } from '../../../src/io/wire/snappy.ts';
import vectors from '../../vectors/rlpx-frame.json' with { type: 'json' };

describe('base protocol', () => {
  test('its numbers are those of go-ethereum', () => {
    const { constants } = vectors;
    expect(BASE_PROTOCOL_VERSION).toBe(constants.baseProtocolVersion);
    expect(BASE_PROTOCOL_LENGTH).toBe(constants.baseProtocolLength);
    expect(SNAPPY_FROM_VERSION).toBe(constants.snappyFromVersion);
    expect(MAX_BASE_MESSAGE_BYTES).toBe(constants.baseProtocolMaxMsgSize);
  });

  test('its message ids fit in the range kept for it', () => {
    expect([HELLO, DISCONNECT, PING, PONG]).toEqual([0, 1, 2, 3]);
    expect(PONG).toBeLessThan(BASE_PROTOCOL_LENGTH);
  });

  for (const [name, id] of [
    ['reth-ping', PING],
    ['reth-pong', PONG],
  ] as const)
    test(`${name} is that id and the empty payload`, () => {
      const vector = vectors.snappy.find((one) => one.name === name)!;
      const message = hexToBytes(vector.messageCodePlusData!);
      const { code, idBytes } = decodeMessageId(message);
      expect(code).toBe(id);
      const payload = decompress(message.subarray(idBytes), MAX_BASE_MESSAGE_BYTES);
      expect(bytesToHex(payload)).toBe(bytesToHex(EMPTY_PAYLOAD));
    });
});
