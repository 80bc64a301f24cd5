/** The decoders of `io/wire` for bytes of a remote: a value or a named fault, and encoding the value gives the bytes again. */
import { RLP as ethereumjs } from '@ethereumjs/rlp';
import { concatBytes } from '@noble/hashes/utils.js';
import { decode as decodeWithRlp } from 'rlp';
import { MAX_BASE_MESSAGE_BYTES } from '../../src/io/wire/base-message.ts';
import { DISCONNECT_CODES, decodeDisconnect } from '../../src/io/wire/disconnect.ts';
import {
  decodeFrameHeader,
  decodeMessageId,
  encodeMessageId,
} from '../../src/io/wire/frame-header.ts';
import {
  decodeAckBody,
  decodeAuthBody,
  decodeLegacyAckBody,
  decodeLegacyAuthBody,
  encodeAckBody,
  encodeAuthBody,
  encodeLegacyAckBody,
  encodeLegacyAuthBody,
} from '../../src/io/wire/handshake-message.ts';
import { decodeHello, encodeHello, type Hello, MAX_CAPABILITIES } from '../../src/io/wire/hello.ts';
import {
  decodeRlp,
  decodeRlpPrefix,
  encodeRlp,
  MAX_RLP_DEPTH,
  type RlpValue,
} from '../../src/io/wire/rlp.ts';
import { hex } from '../support/crypto.ts';
import { encodeFrameHeader } from '../support/frames.ts';
import { demand, demandEqual, faultOr, sameBytes, type Target, textBytes } from './target.ts';

/**
 * Heap of one decoded item: a typed array and the buffer under it, or an array. With at most 65,536 items it bounds
 * what a whole message can take (F10), even where four times its length would be more.
 */
const RLP_ITEM_BYTES = 320;

export const rlp: Target = {
  name: 'rlp',
  maxBytes: 2048,
  isRlp: true,
  seeds: () => [
    ...[[], [[], [[]]], new Uint8Array(60), [new Uint8Array(60), 1, 0x80, 300, [2 ** 40]]].map(
      encodeRlp,
    ),
    // lengths with a leading zero, and the long form of short ones
    ...['b90038', 'f90038', 'b838', 'f838', 'b837', 'f837'].map((head) =>
      concatBytes(hex(head), new Uint8Array(56)),
    ),
  ],
  extraBytes: (input) => RLP_ITEM_BYTES * input.length,
  run(input) {
    const prefix = faultOr(['malformedRlp'], () => decodeRlpPrefix(input));
    const value = faultOr(['malformedRlp'], () => decodeRlp(input));
    if (prefix) {
      const again = concatBytes(encodeRlp(prefix.value), prefix.rest);
      demand(sameBytes(again, input), 'what is read is canonical');
    }
    demandEqual(value, prefix?.rest.length === 0 ? prefix.value : null, 'nothing may follow');
    compareRlp(value, othersOf(input));
    return value;
  },
};

/** Others accept the empty input as an empty string, and lists of any depth. */
function compareRlp(ours: RlpValue | null, others: readonly (RlpValue | null)[]): void {
  for (const theirs of others) {
    if (ours) demandEqual(ours, theirs, 'what we read, others read the same');
    else demand(theirs === null || isBeyondUs(theirs), 'what we refuse, others refuse');
  }
}

const isBeyondUs = (theirs: RlpValue): boolean =>
  theirs instanceof Uint8Array ? theirs.length === 0 : depthOf(theirs) > MAX_RLP_DEPTH;

const depthOf = (value: RlpValue): number =>
  value instanceof Uint8Array ? 0 : 1 + Math.max(0, ...value.map(depthOf));

function othersOf(input: Uint8Array): readonly (RlpValue | null)[] {
  return [decodeWithRlp, ethereumjs.decode].map((decode) => {
    try {
      return decode(input) as RlpValue;
    } catch {
      return null;
    }
  });
}

const someHello: Hello = {
  version: 5,
  client: 'Geth/v1.16.8-stable/linux-amd64/go1.24.1 ✓',
  capabilities: [
    { name: 'eth', version: 68 },
    { name: 'snap', version: 1 },
    { name: 'echo', version: 1 },
  ],
  listenPort: 30_303,
  publicKey: 'ab'.repeat(64),
};

export const hello: Target = {
  name: 'hello',
  maxBytes: 2100,
  isRlp: true,
  words: ['eth', '__proto__', 'toString', '\u{202e}'].map(textBytes),
  seeds: () => [
    encodeHello(someHello),
    encodeHello({ ...someHello, version: 4, client: '', capabilities: [], listenPort: 0 }),
    ...[MAX_CAPABILITIES, MAX_CAPABILITIES + 1].map((count) =>
      encodeHello({
        ...someHello,
        capabilities: Array.from({ length: count }, (_, version) => ({ name: 'eth', version })),
      }),
    ),
  ],
  run(input) {
    const decoded = faultOr(['malformedHello', 'invalidIdentity'], () => decodeHello(input));
    if (decoded === null) return null;
    const { capabilities, client, listenPort, publicKey } = decoded;
    demand(capabilities.length <= MAX_BASE_MESSAGE_BYTES / 3, 'capabilities are bounded');
    const names = capabilities.map(({ name, version }) => `${name}/${version}`);
    demand(new Set(names).size === names.length, 'capabilities are distinct');
    demand(
      names.every((name) => /^[\x21-\x7e]{0,32}\/\d{1,16}$/.test(name)),
      'names are ASCII',
    );
    demand(listenPort >= 0 && listenPort <= 65_535, 'a port is one');
    demand(/^[0-9a-f]{128}$/.test(publicKey), 'a key is 64 bytes');
    demand(client.length <= 256, 'a client name is bounded');
    if (!client.includes('\ufffd'))
      demandEqual(decodeHello(encodeHello(decoded)), decoded, 'said again, it is the same');
    return decoded;
  },
};

const REASONS: ReadonlySet<string> = new Set([...Object.keys(DISCONNECT_CODES), 'unrecognised']);

export const disconnect: Target = {
  name: 'disconnect',
  maxBytes: 128,
  isRlp: true,
  seeds: () => ['c104', '04', 'c0', '', 'c180', '00', 'c100', 'c3820400', '820400'].map(hex),
  run(input) {
    const { reason, code } = decodeDisconnect(input);
    demand(REASONS.has(reason), 'a reason is one of the table');
    const isCode = code === null || (Number.isInteger(code) && code >= 0 && code < 2 ** 32);
    demand(isCode, 'a code is a number of 32 bits');
    if (reason !== 'unrecognised')
      demand(DISCONNECT_CODES[reason] === code, 'they belong together');
    return { reason, code };
  },
};

export const frameHeader: Target = {
  name: 'frame-header',
  maxBytes: 20,
  seeds: () => [encodeFrameHeader(1), encodeFrameHeader(0xffffff), new Uint8Array(16)],
  run(input) {
    if (input.length !== 16) {
      const header = new Uint8Array(16);
      header.set(input.subarray(0, 16));
      return faultOr(['malformedFrame'], () => decodeFrameHeader(header));
    }
    const size = faultOr(['malformedFrame'], () => decodeFrameHeader(input));
    const isZero = input[0] === 0 && input[1] === 0 && input[2] === 0;
    demand((size === null) === isZero, 'any size but zero is read');
    if (size !== null)
      demand(sameBytes(encodeFrameHeader(size).subarray(0, 3), input.subarray(0, 3)), 'canonical');
    return size;
  },
};

export const messageId: Target = {
  name: 'message-id',
  maxBytes: 12,
  seeds: () => ['80', '01', '10', '8180', '820100', '84ffffffff', '8500ffffffff', 'c0'].map(hex),
  run(input) {
    const read = faultOr(['malformedFrame'], () => decodeMessageId(input));
    const integer = faultOr(['malformedRlp'], () => decodeRlpPrefix(input).value);
    if (read === null) {
      const isId = integer instanceof Uint8Array && integer.length <= 4 && integer[0] !== 0;
      demand(!isId, 'every canonical integer of 32 bits is read');
      return null;
    }
    demand(
      sameBytes(encodeMessageId(read.code), input.subarray(0, read.idBytes)),
      'what is read is canonical',
    );
    demandEqual(integer, decodeRlp(encodeRlp(read.code)), 'and is the RLP integer');
    return read;
  },
};

const authFields = {
  signature: new Uint8Array(65).fill(0x11),
  initiatorPublicKey: new Uint8Array(64).fill(0x22),
  nonce: new Uint8Array(32).fill(0x33),
};
const ackFields = { ephemeralPublicKey: authFields.initiatorPublicKey, nonce: authFields.nonce };

export const authBody: Target = {
  name: 'auth-body',
  maxBytes: 2048,
  isRlp: true,
  seeds: () => [
    encodeAuthBody(authFields),
    concatBytes(encodeAuthBody(authFields), new Uint8Array(150)),
    encodeLegacyAuthBody({ ...authFields, ephemeralKeyHash: authFields.nonce }),
  ],
  run(input) {
    const faults = ['malformedHandshake'] as const;
    const body = faultOr(faults, () => decodeAuthBody(input));
    const legacy = faultOr(faults, () => decodeLegacyAuthBody(input));
    if (body) demandEqual(decodeAuthBody(encodeAuthBody(body)), body, 'there and back');
    demand((legacy !== null) === (input.length === 194), 'before EIP-8 only the length counts');
    if (legacy)
      demand(
        sameBytes(encodeLegacyAuthBody(legacy).subarray(0, 193), input.subarray(0, 193)),
        'there and back',
      );
    return [body, legacy];
  },
};

export const ackBody: Target = {
  name: 'ack-body',
  maxBytes: 2048,
  isRlp: true,
  seeds: () => [
    encodeAckBody(ackFields),
    concatBytes(encodeAckBody(ackFields), new Uint8Array(150)),
    encodeLegacyAckBody(ackFields),
  ],
  run(input) {
    const faults = ['malformedHandshake'] as const;
    const body = faultOr(faults, () => decodeAckBody(input));
    const legacy = faultOr(faults, () => decodeLegacyAckBody(input));
    if (body) demandEqual(decodeAckBody(encodeAckBody(body)), body, 'there and back');
    demand((legacy !== null) === (input.length === 97), 'before EIP-8 only the length counts');
    if (legacy)
      demand(
        sameBytes(encodeLegacyAckBody(legacy).subarray(0, 96), input.subarray(0, 96)),
        'there and back',
      );
    return [body, legacy];
  },
};
