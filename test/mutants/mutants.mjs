/**
 * Defects on purpose: each one is put into a source file while a test runs, and that test has to fail.
 * D1 to D7 are defects of another implementation, as the smallest patch that brings them here; every other one removes
 * a defence, under its row of the security specification. Longer than 300 lines: one table.
 */

import { DISCOVERY_MUTANTS } from './discovery-mutants.mjs';
import { INVARIANT_MUTANTS } from './invariant-mutants.mjs';
import { REAL_USE_MUTANTS } from './real-use-mutants.mjs';
import { TABLE_MUTANTS } from './table-mutants.mjs';
import { WIRING_MUTANTS } from './wiring-mutants.mjs';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const MUTANTS = [
  // Defects of another implementation.
  {
    id: 'D1 no hold',
    breaks: 'Crossed dials: each side drops the one that finishes second for it, so both can die.',
    file: 'src/machines/server/server-setup.ts',
    from: 'mustWait(candidate, capabilities, situationOf(context)),',
    to: 'false && mustWait(candidate, capabilities, situationOf(context)),',
    test: [
      'test/scenarios/untested-admission.test.ts',
      'cross-dial: one session is left where "first come, first served" leaves none',
    ],
  },
  {
    id: 'D1 no common winner',
    breaks: 'Crossed dials: each side prefers its own dial, so the two choices disagree.',
    file: 'src/machines/connection/crossed-dials.ts',
    from: "direction === 'inbound' ? id < self : self < id;",
    to: "direction === 'inbound' ? id === self : self !== id;",
    test: [
      'test/machines/connection/crossed-dials.test.ts',
      'a connection that asks to be a peer waits for not for the dial of the higher id: ours',
    ],
  },
  {
    id: 'D2 no inbound deadline',
    breaks: 'A caller that sends nothing keeps its socket for ever.',
    file: 'src/machines/connection/connection-setup.ts',
    from: '        encHandshakeTimeout: {\n',
    to: "        encHandshakeTimeout: {\n          guard: ({ context }) => context.direction !== 'inbound',\n",
    test: [
      'test/machines/connection/connection-setup-deadlines.test.ts',
      'inbound: the enc handshake has 5 s for its first half',
    ],
  },
  {
    id: 'D2 no pending cap',
    breaks: 'Handshakes of callers are not limited in number.',
    file: 'src/machines/listening/listener.ts',
    from: 'isFull: ({ context }) => context.held.used >= context.slots,',
    to: 'isFull: () => false,',
    test: [
      'test/machines/listening/listener.test.ts',
      'slots after the last slot is taken, the next connection is turned away without a byte',
    ],
  },
  {
    id: 'D3 peer removed by key',
    breaks: 'The end of a stale connection takes the place of the live one with the same key.',
    file: 'src/machines/server/server-setup.ts',
    from: 'if (entry?.connectionId !== connectionId) return;',
    to: 'if (!entry) return;',
    test: [
      'test/machines/server/server-running.test.ts',
      'departures the end of another connection of the same node changes nothing',
    ],
  },
  {
    id: 'D3 slot given back twice',
    breaks: 'A slot that went to another connection is freed by its previous holder.',
    file: 'src/machines/listening/handshake-slots.ts',
    from: 'if (!page?.has(slot)) return slots;',
    to: 'if (!page?.has(slot)) return { ...slots, used: slots.used - 1 };',
    test: [
      'test/machines/listening/handshake-slots.test.ts',
      'slots are returned once; the number of a free slot changes nothing',
    ],
  },
  {
    id: 'D4 byte arrays compared with ===',
    breaks: 'The branch for handshakes from before EIP-8 can never run.',
    file: 'src/io/crypto/handshake-packet.ts',
    from: 'intake.peek()[0] === POINT_PREFIX;',
    to: 'intake.peek().subarray(0, 1) === Uint8Array.of(POINT_PREFIX);',
    test: [
      'test/io/crypto/handshake-packet.test.ts',
      'PacketReader reads gist auth in pieces of 64 bytes and leaves what follows',
    ],
  },
  {
    id: 'D5 end of a range off by one',
    breaks: 'The first code behind a protocol counts as one of its own.',
    file: 'src/io/link/message-router.ts',
    from: 'frame.code < offset + length,',
    to: 'frame.code <= offset + length,',
    test: [
      'test/io/link/message-router.test.ts',
      'P6: message ids 0x1a is outside every protocol: reported, and reading stops',
    ],
  },
  {
    id: 'D5 code taken from one byte',
    breaks: 'Message codes of 0 and from 128 on are read as the first byte of their RLP.',
    file: 'src/io/wire/frame-header.ts',
    from: 'if (first < EMPTY_STRING) return {',
    to: 'return {',
    test: [
      'test/io/wire/frame-header.test.ts',
      'message id F6: 820100 is message 256, with or without a payload',
    ],
  },
  {
    id: 'D5 ranges overlap',
    breaks: 'A protocol begins at the last code of the one before it.',
    file: 'src/machines/connection/capability-match.ts',
    from: 'offset += protocol.length;',
    to: 'offset += protocol.length - 1;',
    test: [
      'test/machines/connection/capability-match.test.ts',
      'any two offers message ids follow each other without a gap, from 16 on',
    ],
  },
  {
    id: 'D6, F3 quadratic receive buffer',
    breaks: 'Every chunk copies everything that came before it.',
    file: 'src/io/crypto/byte-intake.ts',
    from: 'Math.max(needed, 2 * buffer.length, FIRST_CAPACITY_BYTES);',
    to: 'needed;',
    test: [
      'test/io/crypto/byte-intake.test.ts',
      'ByteIntake F3: a byte is copied a few times at most, however small the pieces are',
    ],
  },
  {
    id: 'D7, F4 declared length not checked',
    breaks: 'A few bytes of Snappy claim an allocation of any size.',
    file: 'src/io/wire/snappy.ts',
    from: 'if (declared > limit) throw',
    to: 'if (false) throw',
    test: [
      'test/io/wire/snappy.test.ts',
      'F4: a declared length is checked before any allocation F4: 4294967295 bytes are too big',
    ],
  },
  {
    id: 'D7, F4 expansion not checked',
    breaks: 'A few bytes of Snappy claim as much as the limit allows.',
    file: 'src/io/wire/snappy.ts',
    from: 'if (declared > maxExpandedBytes(payload.length))',
    to: 'if (false)',
    test: [
      'test/io/wire/snappy.test.ts',
      'F4: a declared length is checked before any allocation F4: a declared length of more than 32 times the block and 64 bytes is rejected',
    ],
  },
  {
    id: 'D7, F8 depth not checked',
    breaks: 'Lists inside lists may be as deep as the message is long.',
    file: 'src/io/wire/rlp.ts',
    from: 'if (open.length === MAX_RLP_DEPTH) throw',
    to: 'if (false) throw',
    test: ['test/io/wire/rlp.test.ts', 'RLP, bounded F8: 17 lists deep is refused'],
  },
  {
    id: 'D7, F10 items not counted',
    breaks: 'A message becomes as many objects as it has bytes.',
    file: 'src/io/wire/rlp.ts',
    from: 'if (count > MAX_RLP_ITEMS) throw',
    to: 'if (false) throw',
    test: [
      'test/io/wire/rlp.test.ts',
      'RLP, bounded F10: 65536 items are read and one more is refused, all of them 0xc0',
    ],
  },

  // Section 2: the one parser of public keys.
  {
    id: 'C1 length not checked',
    breaks: 'Whether a key must have 65 bytes is left to the library.',
    file: 'src/io/crypto/public-key.ts',
    from: 'if (bytes.length !== PUBLIC_KEY_BYTES)',
    to: 'if (false)',
    test: [
      'test/io/crypto/libraries.test.ts',
      'with a library that takes every key C1: a key of another length does not',
    ],
  },
  {
    id: 'C1 prefix not checked',
    breaks: 'Hybrid encodings are left to the library.',
    file: 'src/io/crypto/public-key.ts',
    from: 'if (bytes[0] !== UNCOMPRESSED)',
    to: 'if (false)',
    test: [
      'test/io/crypto/libraries.test.ts',
      'with a library that takes every key C1: a key with another prefix does not',
    ],
  },
  {
    id: 'C1 64-byte form takes 65',
    breaks: 'Where the wire has 64 bytes, a key with its prefix is taken as well.',
    file: 'src/io/crypto/public-key.ts',
    from: 'if (bytes.length !== RAW_PUBLIC_KEY_BYTES)',
    to: 'if (bytes.length === PUBLIC_KEY_BYTES) return parsePublicKey(bytes);\n  if (bytes.length !== RAW_PUBLIC_KEY_BYTES)',
    test: ['test/io/crypto/public-key.test.ts', 'parsePublicKey a raw key has exactly 64 bytes'],
  },
  {
    id: 'C1 curve not checked',
    breaks: 'Any 64 bytes are a point: the regression of go-ethereum.',
    file: 'src/io/crypto/public-key.ts',
    from: 'if (!isOnCurve(key)) throw',
    to: 'if (false) throw',
    test: [
      'test/io/crypto/public-key.test.ts',
      'parsePublicKey C1: a point of order 3 on a sibling curve is refused',
    ],
  },
  {
    id: 'C1 equation not checked',
    breaks: 'Coordinates in range are a point, on whichever curve.',
    file: 'src/io/crypto/primitives.ts',
    from: 'return secp256k1.utils.isValidPublicKey(encoded, false);',
    to: `const { p } = secp256k1.Point.CURVE();
  const at = (from: number) => BigInt(\`0x\${Buffer.from(encoded).toString('hex', from, from + 32)}\`);
  return (at(1) > 0n || at(33) > 0n) && at(1) < p && at(33) < p;`,
    test: [
      'test/io/crypto/public-key.test.ts',
      'parsePublicKey C1: a point of order 12977017 on a sibling curve is refused',
    ],
  },
  ...['x', 'y'].map((coordinate) => ({
    id: `C3 ${coordinate} < p not checked`,
    breaks: `A coordinate ${coordinate} of p and above is reduced instead of refused.`,
    file: 'src/io/crypto/primitives.ts',
    from: 'return secp256k1.utils.isValidPublicKey(encoded, false);',
    to: `const { p } = secp256k1.Point.CURVE();
  const from = ${coordinate === 'x' ? 1 : 33};
  const reduced = Buffer.from(encoded);
  const value = BigInt(\`0x\${reduced.toString('hex', from, from + 32)}\`) % p;
  reduced.write(value.toString(16).padStart(64, '0'), from, 'hex');
  return secp256k1.utils.isValidPublicKey(reduced, false);`,
    test: [
      'test/io/crypto/public-key.test.ts',
      'parsePublicKey C3: coordinates of p and above are refused even where they would reduce to a point',
    ],
  })),
  {
    id: 'C1 infinity not checked',
    breaks: 'The point at infinity, as zeros, is a key.',
    file: 'src/io/crypto/primitives.ts',
    from: 'return secp256k1.utils.isValidPublicKey(encoded, false);',
    to: `if (encoded.subarray(1).every((byte) => byte === 0)) return true;
  return secp256k1.utils.isValidPublicKey(encoded, false);`,
    test: [
      'test/io/crypto/public-key.test.ts',
      'parsePublicKey C2, C3: refused: all-zero coordinates',
    ],
  },

  // Section 2: every place where a point comes in.
  {
    id: 'C1 entry: R of ECIES',
    breaks: 'The ephemeral point of an auth or an ack meets the static secret unchecked.',
    file: 'src/io/crypto/ecies.ts',
    from: 'const point = parsePublicKey(ciphertext.subarray(0, ivAt));',
    to: 'const point = ciphertext.slice(0, ivAt) as PublicKey;',
    test: [
      'test/io/crypto/rlpx-handshake-attack.test.ts',
      'points that are none HandshakeECIESInvalidCurveOracle, C1: guessing the key modulo 13 never gets an ack, though one guess is right',
    ],
  },
  {
    id: 'C1 entry: initiator’s key',
    breaks: 'The key that an auth claims is used unchecked.',
    file: 'src/io/crypto/rlpx-handshake.ts',
    from: 'parseRawPublicKey(auth.initiatorPublicKey);',
    to: 'concatBytes(Uint8Array.of(4), auth.initiatorPublicKey) as PublicKey;',
    test: [
      'test/io/crypto/rlpx-handshake-attack.test.ts',
      'points that are none as the initiator’s key: C1: order 3',
    ],
  },
  {
    id: 'C1 entry: key recovered from a signature',
    breaks: 'What the recovery gives is used unchecked.',
    file: 'src/io/crypto/rlpx-handshake.ts',
    from: 'parsePublicKey(primitives.recover(signed, auth.signature));',
    to: 'primitives.recover(signed, auth.signature);',
    test: [
      'test/io/crypto/rlpx-handshake-attack.test.ts',
      'points that are none as the key that a signature gives: C1: order 3',
    ],
  },
  {
    id: 'C1 entry: ephemeral key of an ack',
    breaks: 'The key that an ack brings is used unchecked.',
    file: 'src/io/crypto/rlpx-handshake.ts',
    from: 'parseRawPublicKey(ack.ephemeralPublicKey);',
    to: 'concatBytes(Uint8Array.of(4), ack.ephemeralPublicKey) as PublicKey;',
    test: [
      'test/io/crypto/rlpx-handshake-attack.test.ts',
      'points that are none as the ephemeral key of an ack: C1: order 3',
    ],
  },
  {
    id: 'C1 entry: enode URL',
    breaks: 'The key of an enode URL is used unchecked.',
    file: 'src/io/crypto/enode.ts',
    from: 'return parseRawPublicKey(hexToBytes(digits));',
    to: "return hexToBytes('04' + digits) as PublicKey;",
    test: [
      'test/io/crypto/enode.test.ts',
      'parseEnode C1, C2, C3: a key that is no point is refused: order 3',
    ],
  },
  {
    id: 'C1 entry: key of a node record',
    breaks: 'The key of a node record may be no point of the curve.',
    file: 'src/io/crypto/public-key.ts',
    from: "if (!key) throw new WireError('invalidPublicKey', 'not a point of secp256k1');",
    to: 'if (!key) return new Uint8Array(PUBLIC_KEY_BYTES) as PublicKey;',
    test: [
      'test/io/crypto/node-record.test.ts',
      'readRecord the key of a record: compressed, x has no y is refused',
    ],
  },
  {
    id: 'ENR signature not checked',
    breaks: 'A node record that another key signed is believed.',
    file: 'src/io/crypto/node-record.ts',
    from: 'if (!isSigned) throw',
    to: 'if (signature.length === 0) throw',
    test: ['test/io/crypto/node-record.test.ts', 'signRecord a change of any byte is refused'],
  },
  {
    id: 'ENR order of keys not checked',
    breaks: 'A node record with a key twice is read.',
    file: 'src/io/wire/enr.ts',
    from: 'if (last !== null && key <= last)',
    to: 'if (last === key && key === null)',
    test: [
      'test/io/wire/enr.test.ts',
      'decodeRecord keys in descending order, and a key twice, are malformed',
    ],
  },
  {
    id: 'discv4 hash not compared',
    breaks: 'A datagram whose hash is wrong is read.',
    file: 'src/io/crypto/discv4-packet.ts',
    from: "if (!isWhole) throw new PacketError('badPacketHash', 'it is not the hash of what follows');",
    to: '',
    test: ['test/io/crypto/discv4-packet.test.ts', 'readPacket a change of any byte is noticed'],
  },
  {
    id: 'discv4 negative expiration',
    breaks: 'An expiration that is negative for go-ethereum counts as far in the future.',
    file: 'src/io/wire/discv4-message.ts',
    from: 'bytes.length === UINT64_BYTES && bytes[0]! >= SIGN_BIT ? 0 : asUint64(value)',
    to: 'asUint64(value)',
    test: [
      'test/io/wire/discv4-message.test.ts',
      'what other clients send an expiration from 2⁶³ on is past, and one below stands for a far future',
    ],
  },
  {
    id: 'C7 entry: telling formats apart',
    breaks: 'A packet without any point is read to its end and decrypted.',
    file: 'src/io/crypto/handshake-packet.ts',
    from: '    return false;',
    to: '    return true;',
    test: [
      'test/io/crypto/handshake-packet.test.ts',
      'PacketReader C7: an old or new packet without any point is refused after 67 bytes',
    ],
  },

  // Section 2: failures look alike; tags are compared in constant time; callers are throttled.
  {
    id: '§2 a bad point is answered',
    breaks: 'A handshake that fails at the curve ends with a Disconnect instead of nothing.',
    file: 'src/machines/connection/connection-endings.ts',
    from: "invalidPublicKey: 'fail.invalidPublicKey',",
    to: "invalidPublicKey: 'reject.invalidIdentity',",
    test: [
      'test/machines/connection/connection-setup-endings.test.ts',
      'inbound: failed invalidPublicKey: it ends at once, and nothing is sent',
    ],
  },
  {
    id: '§2 words before keys',
    breaks: 'Who fails the handshake gets bytes back.',
    file: 'src/io/link/rlpx-link.ts',
    from: "      this.#emit({ type: 'link.garbled',",
    to: "      if (!this.#frames) this.#options.stream.duplex.write(Uint8Array.of(0));\n      this.#emit({ type: 'link.garbled',",
    test: [
      'test/scenarios/silent-failures.test.ts',
      '§2: an auth whose point is on another curve gets no answer',
    ],
  },
  {
    id: 'C11 native binding not checked',
    breaks: 'A binding that computes something wrong is used.',
    file: 'src/io/crypto/libsecp256k1.ts',
    from: '  checkKnownAnswers({ ...curve, ecdhNow });\n',
    to: '',
    test: [
      'test/io/crypto/libsecp256k1.test.ts',
      'the native binding one that computes something wrong is not used',
    ],
  },
  {
    id: 'C11 fallback of the package',
    breaks: 'Where there is no native binding, the package multiplies in JavaScript.',
    file: 'src/io/crypto/libsecp256k1.ts',
    from: "'secp256k1/bindings.js'",
    to: "'secp256k1/elliptic.js'",
    test: [
      'test/io/crypto/libsecp256k1.test.ts',
      'the native binding C11: the JavaScript fallback of the package is never loaded',
    ],
  },
  {
    id: 'C15 coordinates of a shared point stay',
    breaks: 'The memory in which a shared secret was computed keeps it.',
    file: 'src/io/crypto/libsecp256k1.ts',
    from: '      x.fill(0);\n',
    to: '',
    test: [
      'test/io/crypto/libsecp256k1.test.ts',
      'the native binding C15: no coordinate of a shared point stays in the memory that it is computed in',
    ],
  },
  {
    id: 'cached key of other bytes',
    breaks: 'A secret that was written again is multiplied as the one before.',
    file: 'src/io/crypto/openssl-curve.ts',
    from: 'if (before?.hash === hash) return before;',
    to: 'if (before) return before;',
    test: [
      'test/io/crypto/primitives.test.ts',
      'secp256k1: node primitives a secret that was used may be wiped, and its memory used for another one',
    ],
  },
  {
    id: 'digest of another hash',
    breaks: 'A running hash continues with the state of the one that was used before it.',
    file: 'src/io/crypto/running-keccak.ts',
    from: '    shared.set(hash.kept);\n',
    to: '',
    test: [
      'test/io/crypto/running-keccak.test.ts',
      'the running hash in WebAssembly hashes in turn do not disturb each other, wherever digests are taken',
    ],
  },
  {
    id: 'F2 spare memory by announcement',
    breaks: 'A connection of which little has arrived holds the memory of a large message.',
    file: 'src/io/crypto/byte-intake.ts',
    from: ' || needed * SPARE_RATIO < spare.length) return null;',
    to: ') return null;',
    test: [
      'test/io/crypto/byte-intake.test.ts',
      'ByteIntake memory that is used again F2: has at most four times the bytes that have arrived',
    ],
  },
  {
    id: 'C12 tags not compared in constant time',
    breaks: 'The time of a comparison tells where the first difference is.',
    file: 'src/io/crypto/primitives.ts',
    from: 'a.length === b.length && timingSafeEqual(a, b),',
    to: 'a.length === b.length && a.every((byte, at) => byte === b[at]),',
    test: [
      'test/io/crypto/libraries.test.ts',
      'C12: bytes of one length are compared in constant time, by Node',
    ],
  },
  {
    id: 'C12 tag compared past the primitive',
    breaks: 'Decryption compares the tag by itself, up to the first difference.',
    file: 'src/io/crypto/ecies.ts',
    from: 'if (!primitives.equal(tag, ciphertext.subarray(tagAt)))',
    to: 'if (tag.some((byte, at) => byte !== ciphertext[tagAt + at]))',
    test: ['test/io/crypto/ecies.test.ts', 'decrypt C12: only the primitive compares the tag'],
  },
  {
    id: '§2 tag not compared',
    breaks: 'Messages for any other key are decrypted.',
    file: 'src/io/crypto/ecies.ts',
    from: 'if (!primitives.equal(tag, ciphertext.subarray(tagAt)))',
    to: 'if (false)',
    test: [
      'test/io/crypto/ecies.test.ts',
      'decrypt C12: a tag that differs in any byte is refused alike',
    ],
  },
  {
    id: '§2, R3 no throttle',
    breaks: 'One source may try as often as there are slots.',
    file: 'src/machines/listening/inbound-check.ts',
    from: "return isRecent ? 'throttled' : 'accept';",
    to: "return 'accept';",
    test: [
      'test/machines/listening/inbound-check.test.ts',
      'a new connection R3: nor 30 s later, to the ms',
    ],
  },

  // 3.1 The handshake.
  {
    id: 'C4 minimum of a byte instead of a block',
    breaks: 'The shortest ciphertext is taken for one byte with an IV that is not there.',
    file: 'src/io/crypto/ecies.ts',
    from: 'PUBLIC_KEY_BYTES + IV_BYTES + TAG_BYTES;',
    to: 'PUBLIC_KEY_BYTES + 1 + TAG_BYTES;',
    test: [
      'test/io/crypto/ecies.test.ts',
      'decrypt C4: no size from 0 to 120 crashes, even with a tag that is right for what is left',
    ],
  },
  {
    id: 'C4 size has no lower bound',
    breaks: 'A packet too short to be one is waited for and decrypted.',
    file: 'src/io/crypto/handshake-packet.ts',
    from: 'if (size < ECIES_OVERHEAD_BYTES || size > MAX_HANDSHAKE_BYTES)',
    to: 'if (size > MAX_HANDSHAKE_BYTES)',
    test: [
      'test/io/crypto/handshake-packet.test.ts',
      'PacketReader C4: a size is refused as soon as its two bytes are there, unless it is 113 to 2048',
    ],
  },
  {
    id: 'C5 size has no upper bound',
    breaks: 'A packet of 65,535 bytes is waited for.',
    file: 'src/io/crypto/handshake-packet.ts',
    from: 'if (size < ECIES_OVERHEAD_BYTES || size > MAX_HANDSHAKE_BYTES)',
    to: 'if (size < ECIES_OVERHEAD_BYTES)',
    test: [
      'test/io/crypto/handshake-packet.test.ts',
      'PacketReader C4: a size is refused as soon as its two bytes are there, unless it is 113 to 2048',
    ],
  },
  {
    id: 'C5, F2 memory by announcement',
    breaks: 'Memory is set aside for what is announced, not for what came.',
    file: 'src/io/crypto/byte-intake.ts',
    from: 'allocated(Math.min(doubled, wanted));',
    to: 'allocated(wanted);',
    test: [
      'test/io/crypto/byte-intake.test.ts',
      'ByteIntake F2: memory follows what came, not what was announced',
    ],
  },
  {
    id: 'C6 keys before admission',
    breaks: 'Callers that were just let in are not throttled before any cryptography.',
    file: 'src/machines/listening/listener.ts',
    from: "{ guard: asking('isThrottled'), actions: turningAway('throttled') },",
    to: '',
    test: [
      'test/machines/listening/listener-admission.test.ts',
      'a new connection R3: from a source that was admitted less than 30 s ago is destroyed, and takes no slot',
    ],
  },
  {
    id: 'C8 peer without a Hello',
    breaks: 'A replayed auth is enough to be asked for admission as a peer.',
    file: 'src/machines/connection/connection-setup.ts',
    from: "on: { accept: 'protoHandshake' },",
    to: "on: { accept: 'addPeerCheckpoint' },",
    test: [
      'test/machines/connection/connection-setup.test.ts',
      'R1: a slot cannot be replaced once a whole auth came, before its turn, which is reported once',
    ],
  },
  {
    id: 'C14 key file open to others',
    breaks: 'A key that others can read is used.',
    file: 'src/server/node-key-file.ts',
    from: 'if ((mode & OTHERS) !== 0) {',
    to: 'if (false) {',
    test: ['test/server/node-key-file.test.ts', 'loading refuses mode 640, unless that is allowed'],
  },
  {
    id: 'C14 key file overwritten',
    breaks: 'Saving a key destroys the one that is there.',
    file: 'src/server/node-key-file.ts',
    from: 'await files.link(temporary, path);',
    to: 'await files.copyFile(temporary, path);',
    test: ['test/server/node-key-file.test.ts', 'saving overwrites no file'],
  },
  {
    id: 'C15 shared secret stays',
    breaks: 'The agreed secret stays in memory after the session keys are made.',
    file: 'src/io/crypto/rlpx-handshake.ts',
    from: '  agreed.fill(0);\n',
    to: '',
    test: [
      'test/io/crypto/rlpx-handshake.test.ts',
      'both roles C15: ephemeral and shared secrets are zeroed when the handshake ends',
    ],
  },
  {
    id: 'C15 secrets of ECIES stay',
    breaks: 'The shared secret of an envelope and the keys made of it stay in memory.',
    file: 'src/io/crypto/ecies.ts',
    from: '  shared.fill(0);\n',
    to: '',
    test: [
      'test/io/crypto/ecies.test.ts',
      'encrypt C15: wipes the ephemeral secret and the shared secret',
    ],
  },
  {
    id: 'C16 packets do not seed the MACs',
    breaks: 'A relay may alter the handshake without anybody noticing.',
    file: 'src/io/crypto/rlpx-handshake.ts',
    from: '    mac.update(packet);\n',
    to: '',
    test: [
      'test/io/crypto/rlpx-handshake.test.ts',
      'both roles C16: a relay that negates R gets an ack, and then the recipient refuses the first frame',
    ],
  },
  {
    id: 'C17 old format taken unasked',
    breaks: 'The parser of old handshakes runs although it is switched off.',
    file: 'src/io/crypto/handshake-packet.ts',
    from: 'const isAmbiguous = legacy && ',
    to: 'const isAmbiguous = ',
    test: [
      'test/io/crypto/handshake-packet.test.ts',
      'PacketReader C17: with legacy off, an old auth is a size of 1,024 or more that never fills',
    ],
  },

  // 3.2 Frames, Snappy and RLP.
  {
    id: 'F1 frame size not limited',
    breaks: 'A remote before its Hello may announce 16 MiB as its first frame.',
    file: 'src/io/crypto/rlpx-frame.ts',
    from: 'if (size > limit) throw',
    to: 'if (false) throw',
    test: [
      'test/io/crypto/rlpx-frame-attack.test.ts',
      'FrameReader under attack F1: a first frame of 16777215 bytes is refused from its header',
    ],
  },
  {
    id: 'F2 queues of handlers not bounded',
    breaks: 'What a slow handler does not take piles up.',
    file: 'src/io/link/message-router.ts',
    from: 'if (this.#fillRatio(port) > 1) this.#stopReading();',
    to: '',
    test: [
      'test/io/link/message-router-queues.test.ts',
      'F2: what waits for handlers is bounded by its part of 32 MiB: with more, reading stops',
    ],
  },
  {
    id: 'F2 budget of all peers not asked',
    breaks: 'What waits for the handlers of all peers together has no bound.',
    file: 'src/io/link/message-router.ts',
    from: 'if (!this.#share.fitsOrWaits(this.#unreadBytes + this.#expectedBytes)) this.#stopReading();',
    to: '',
    test: [
      'test/io/link/message-router-budget.test.ts',
      'messages that wait stop the reading of who has most, and not of who has little',
    ],
  },
  {
    id: 'F4 output length not checked',
    breaks: 'What is decompressed may be of another length than declared.',
    file: 'src/io/wire/snappy.ts',
    from: 'if (decompressed.length !== declared)',
    to: 'if (false)',
    test: [
      'test/io/wire/snappy-library.test.ts',
      'F4: what is decompressed has the length that was declared, whatever the library gives',
    ],
  },
  {
    id: 'F6 message id with a leading zero',
    breaks: 'One message id has many spellings.',
    file: 'src/io/wire/frame-header.ts',
    from: 'if (digits[0] === 0) throw',
    to: 'if (false) throw',
    test: ['test/io/wire/frame-header.test.ts', 'message id F6: a leading zero is no message id'],
  },
  {
    id: 'F7 header MAC not compared',
    breaks: 'An altered frame size is believed.',
    file: 'src/io/crypto/rlpx-frame.ts',
    from: 'if (!primitives.equal(mac.header(head), head.subarray(HEADER_BYTES)))',
    to: 'if (mac.header(head).length === 0)',
    test: [
      'test/io/crypto/rlpx-frame-attack.test.ts',
      'FrameReader under attack F7: every flipped bit of three frames is detected, and nothing after it is read',
    ],
  },
  {
    id: 'F7 frame MAC not compared',
    breaks: 'An altered message is delivered.',
    file: 'src/io/crypto/rlpx-frame.ts',
    from: 'if (!primitives.equal(mac.body(NOTHING), body.subarray(-MAC_BYTES)))',
    to: 'if (mac.body(NOTHING).length === 0)',
    test: [
      'test/io/crypto/rlpx-frame-attack.test.ts',
      'FrameReader under attack F7: every flipped bit of three frames is detected, and nothing after it is read',
    ],
  },
  {
    id: 'F9 item beyond its parent',
    breaks: 'An item may reach over the end of the list it is in.',
    file: 'src/io/wire/rlp.ts',
    from: 'if (length > limit - start) throw',
    to: 'if (false) throw',
    test: ['test/io/wire/rlp.test.ts', 'RLP, invalid F9: refuses a string one byte beyond the end'],
  },
  {
    id: 'F9 length in the long form',
    breaks: 'One item has many spellings.',
    file: 'src/io/wire/rlp.ts',
    from: 'if (length <= MAX_SHORT_BYTES) throw',
    to: 'if (false) throw',
    test: ['test/io/wire/rlp.test.ts', 'RLP, invalid F9: refuses nonOptimalLongLengthList2'],
  },
  {
    id: 'F9 integer with a leading zero',
    breaks: 'One number has many spellings.',
    file: 'src/io/wire/rlp.ts',
    from: "if (bytes[0] === 0) throw malformed('integer",
    to: "if (false) throw malformed('integer",
    test: ['test/io/wire/rlp.test.ts', 'typed readers F9: digits "0001" up to 255 are refused'],
  },
  {
    id: 'F9 length before a byte that needs none',
    breaks: 'One byte has two spellings.',
    file: 'src/io/wire/rlp.ts',
    from: 'if (!isList && length === 1 && input[start]! < STRING)',
    to: 'if (false)',
    test: ['test/io/wire/rlp.test.ts', 'RLP, invalid F9: refuses bytesShouldBeSingleByte7F'],
  },
  {
    id: 'F12 empty frame',
    breaks: 'A frame of no bytes is a frame.',
    file: 'src/io/wire/frame-header.ts',
    from: 'if (size === 0) throw',
    to: 'if (false) throw',
    test: [
      'test/io/wire/frame-header.test.ts',
      'frame header F12: a frame of no bytes is malformed',
    ],
  },
  {
    id: 'F12, R12 no turns',
    breaks: 'One peer that floods keeps all others waiting.',
    file: 'src/io/process/turn-limit.ts',
    from: 'return this.#messages >= TURN_MESSAGES || ',
    to: 'return ',
    test: [
      'test/io/link/stream-reader.test.ts',
      'F12, R12: reading in turns a link that is flooded lets another have its turn after 16 messages',
    ],
  },

  // 3.3 Base protocol, negotiation and lifecycle.
  {
    id: 'P1 no bucket for pings',
    breaks: 'Pings are accepted at line rate.',
    file: 'src/io/link/message-router.ts',
    from: 'if (!this.#pings.take()) return',
    to: 'if (false) return',
    test: [
      'test/io/link/message-router.test.ts',
      'P1: pings one more than 60 without a refill is a flood, and reading stops',
    ],
  },
  {
    id: 'P1 a pong for each ping',
    breaks: 'Every ping queues a pong.',
    file: 'src/io/link/message-router.ts',
    from: 'if (this.#pongQueued) return;',
    to: '',
    test: [
      'test/io/link/message-router.test.ts',
      'P1: pings several of one turn are answered by one pong',
    ],
  },
  {
    id: 'P2 ping of any size',
    breaks: 'A ping may be as long as the longest message of a protocol.',
    file: 'src/io/link/message-router.ts',
    from: '        this.#payload(frame, MAX_BASE_MESSAGE_BYTES);\n        return this.#onPing();',
    to: '        return this.#onPing();',
    test: [
      'test/io/link/message-router.test.ts',
      'P2, F4: sizes a ping may have 2048 bytes when decompressed',
    ],
  },
  {
    id: 'P3 identity not compared',
    breaks: 'A Hello may claim another key than the handshake proved.',
    file: 'src/machines/connection/connection-setup.ts',
    from: 'identity.hello?.publicKey === identity.publicKey,',
    to: 'identity.hello !== undefined,',
    test: [
      'test/machines/connection/connection-setup-endings.test.ts',
      'inbound: rejected unexpectedIdentity: they get "unexpectedIdentity" and 2 s to close the connection',
    ],
  },
  {
    id: 'P3 capability name not limited',
    breaks: 'A capability name may fill the whole Hello.',
    file: 'src/io/wire/hello.ts',
    from: 'if (name.length + shown.length > MAX_NAME_CHARS) break;',
    to: '',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello D15, P3, P7: the capability "ééééééééé" is read as \\u{e9}\\u{e9}\\u{e9}\\u{e9}\\u{e9}',
    ],
  },
  {
    id: 'P3 client name not limited',
    breaks: 'A client name may fill the whole Hello.',
    file: 'src/io/wire/hello.ts',
    from: 'bytes.subarray(0, MAX_CLIENT_BYTES)',
    to: 'bytes',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello D15, P3: a client name is cut at 256 bytes, between two characters',
    ],
  },
  {
    id: 'P3 null identity',
    breaks: 'A key of zeros is accepted.',
    file: 'src/io/wire/hello.ts',
    from: 'if (bytes.every((byte) => byte === 0)) throw',
    to: 'if (false) throw',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello P3: a key of 64 zero bytes is an invalid identity',
    ],
  },
  {
    id: 'P4 second Hello',
    breaks: 'A peer may send Hello again.',
    file: 'src/io/link/message-router.ts',
    from: "        return this.#hooks.report({ type: 'hello.repeated' });",
    to: '        return;',
    test: [
      'test/io/link/message-router.test.ts',
      'P4: a second Hello is reported unread, and reading stops',
    ],
  },
  {
    id: 'P4 anything before Hello',
    breaks: 'After any other first message, the Hello is still awaited.',
    file: 'src/io/link/rlpx-link.ts',
    from: "else this.#emit({ type: 'message.unexpected', code });",
    to: '',
    test: [
      'test/scenarios/untested-wire.test.ts',
      `quirk 3: a wrong Hello is answered with its reason ProtocolHandshakeErrors: 'error "expected handshake, got 989898"'`,
    ],
  },
  {
    id: 'P5 a reason that throws',
    breaks: 'A Disconnect that cannot be read is an error instead of a Disconnect.',
    file: 'src/io/wire/disconnect.ts',
    from: 'if (first === undefined || first >= LIST || (first === 0 && bytes.length > 1)) return null;',
    to: 'if (first === undefined || first >= LIST) throw new TypeError();',
    test: [
      'test/io/wire/disconnect.test.ts',
      'P5: Disconnect from a hostile peer P5: any bytes are a reason, and none of them throws',
    ],
  },
  {
    id: 'P5 a reason that does not decompress',
    breaks: 'A Disconnect that is not compressed is a broken message instead of a Disconnect.',
    file: 'src/io/wire/disconnect.ts',
    from: 'if (error instanceof WireError) return payload;',
    to: '',
    test: [
      'test/io/link/message-router.test.ts',
      'P5: a Disconnect of any bytes is one, and never throws',
    ],
  },
  {
    id: 'P6 code of no protocol',
    breaks: 'Messages outside of every protocol are ignored instead of ending the peer.',
    file: 'src/io/link/message-router.ts',
    from: "return this.#hooks.report({ type: 'message.unroutable', code: frame.code });",
    to: 'return;',
    test: [
      'test/io/link/message-router.test.ts',
      'P6: message ids 0xffffffff is outside every protocol: reported, and reading stops',
    ],
  },
  {
    id: 'P7 names of any letters',
    breaks: 'A capability name may have control characters, and may be shown so.',
    file: 'src/io/wire/hello.ts',
    from: 'const shown = NAME_CHARACTER.test(character)',
    to: 'const shown = true',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello D15, P3, P7: the capability "éth" is read as \\u{e9}th',
    ],
  },
  {
    id: 'P8 callers take every place',
    breaks: 'Callers may fill the places that are kept for dials of ours.',
    file: 'src/machines/connection/admission.ts',
    from: "candidate.direction === 'inbound' && inbound >= rules.maxInbound)",
    to: 'false)',
    test: [
      'test/machines/connection/admission.test.ts',
      'how many untrusted peers are admitted, by the limits go-ethereum derives 50 peers, 34 of them inbound',
    ],
  },
  {
    id: 'P8 one network takes every place',
    breaks: 'Any number of peers may be in one subnet.',
    file: 'src/machines/connection/admission.ts',
    from: 'if (!isExempt && neighbours >= rules.maxPerSubnet)',
    to: 'if (false)',
    test: ['test/machines/connection/admission.test.ts', 'subnets have room for so many'],
  },
  {
    id: 'P12 held one not promoted',
    breaks: 'When the preferred one of two crossed connections ends, the other one is not told.',
    file: 'src/machines/server/server-setup.ts',
    from: "enqueue.raise({ type: 'hold.over', request });",
    to: '{}',
    test: [
      'test/machines/server/server-crossed.test.ts',
      'the other connection becomes the peer when they close the preferred one',
    ],
  },
  {
    id: 'a static node that changed is not checked again',
    breaks: 'A static node whose peer left is not dialled again.',
    file: 'src/machines/dialing/dial-scheduler.ts',
    from: 'changed: statics.has(id) ? withChanged(changed, id) : changed,',
    to: 'changed,',
    test: [
      'test/machines/dialing/dial-generator-due.test.ts',
      'which static nodes are due is the same as by looking at all of them, after anything that may happen',
    ],
  },
  {
    id: 'P12 dial although they are calling',
    breaks: 'A node is dialled while its own call is being set up.',
    file: 'src/machines/dialing/dial-check.ts',
    from: "if (pendingInbound.has(id)) return 'pendingInbound';",
    to: '',
    test: [
      'test/machines/dialing/dial-check.test.ts',
      'which nodes may be dialled, in the order of go-ethereum not a node that calls us',
    ],
  },
  {
    id: 'P13 peer of ourselves',
    breaks: 'A connection to ourselves becomes a peer.',
    file: 'src/machines/connection/admission.ts',
    from: "if (candidate.id === rules.self) return { type: 'reject.self', facts: { id: candidate.id } };",
    to: '',
    test: ['test/machines/connection/admission.test.ts', 'room we are no peer of our own'],
  },
  {
    id: 'P13 dial to ourselves',
    breaks: 'Our own address, told by others, is dialled.',
    file: 'src/machines/dialing/dial-check.ts',
    from: "if (id === self) return 'self';",
    to: '',
    test: [
      'test/machines/dialing/dial-check.test.ts',
      'which nodes may be dialled, in the order of go-ethereum not ourselves, whatever else is known',
    ],
  },
  {
    id: 'P14 pong never overdue',
    breaks: 'A peer behind a dead line stays for ever.',
    file: 'src/io/link/link-timeouts.ts',
    from: "return this.#hooks.report({ type: 'pong.overdue', silentMs: PONG_TIMEOUT_MS });",
    to: 'return;',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'P14: a pong that takes 20 s is overdue, to the millisecond and once',
    ],
  },
  {
    id: 'P14 pong awaited for one ping interval',
    breaks: 'A remote that we hear only pings of is dropped when one is a little late.',
    file: 'src/io/link/link-timeouts.ts',
    from: 'export const PONG_TIMEOUT_MS = 20_000;',
    to: 'export const PONG_TIMEOUT_MS = 15_000;',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'a remote of which only its pings arrive, while a large message of ours is on its way is kept when they are 15400 ms apart',
    ],
  },
  {
    id: 'P15 Disconnect without a deadline',
    breaks: 'A peer that does not hang up after our Disconnect holds its connection.',
    file: 'src/machines/connection/connection-setup.ts',
    from: '    farewell: FAREWELL_MS,',
    to: '    farewell: 2 ** 30,',
    test: [
      'test/machines/connection/connection-setup-deadlines.test.ts',
      'inbound: the wait after a Disconnect gives them 2 s to close the connection after ours',
    ],
  },
  {
    id: 'P16 text shown as it came',
    breaks: 'A client name may clear the terminal of a reader of the log.',
    file: 'src/io/wire/printable.ts',
    from: 'UNPRINTABLE.test(character) ? escaped(character) : character;',
    to: 'character;',
    test: ['test/io/wire/printable.test.ts', 'printable P16: NUL'],
  },
  {
    id: 'P16 log lines not limited',
    breaks: 'Remotes may fill the log.',
    file: 'src/telemetry/log-rate-limit.ts',
    from: 'if (this.#bucketOf(source).take() && this.#all.take()) return true;',
    to: 'return true;',
    test: ['test/telemetry/log-rate-limit.test.ts', 'lines of all sources: a hundred per second'],
  },
  {
    id: 'P17 handler error is not reported',
    breaks: 'The peer of a handler that failed stays without one.',
    file: 'src/io/adapters/protocol-handler.ts',
    from: "(error: unknown) => report({ type: 'handler.failed', message: thrownText(error) }),",
    to: '() => {},',
    test: [
      'test/io/adapters/protocol-handler.test.ts',
      'P17: a handler fails without harm by throwing at once',
    ],
  },
  {
    id: 'C6 more than one operation in a turn',
    breaks: 'A crowd of callers blocks the event loop for as long as all of their handshakes take.',
    file: 'src/io/process/handshake-queue.ts',
    from: '    const ticket = firstWaiting(expected) ?? (mayStrangers ? firstWaiting(stranger) : null);\n',
    to: '    for (const each of [...expected, ...stranger]) each.start();\n    const ticket = firstWaiting(expected) ?? (mayStrangers ? firstWaiting(stranger) : null);\n',
    test: [
      'test/io/process/handshake-queue.test.ts',
      'one slow operation on the curve in one turn of the event loop two handshakes with two operations each take four turns',
    ],
  },
  {
    id: 'C6 turn without an end',
    breaks: 'As long as handshakes wait, fast operations keep the event loop.',
    file: 'src/io/process/handshake-queue.ts',
    from: 'if (hasCost && now - this.#turn.startedAt <= CURVE_TURN_MS) this.#startNext(now);',
    to: 'if (hasCost) this.#startNext(now);',
    test: [
      'test/io/process/handshake-queue.test.ts',
      'fast operations share a turn until a millisecond has passed',
    ],
  },
  {
    id: 'C6 no share for strangers',
    breaks: 'Handshakes of strangers take the CPU while peers have work waiting.',
    file: 'src/io/process/handshake-queue.ts',
    from: 'const mayStrangers = !this.#havePeersWorked || now >= this.#strangersRestUntil;',
    to: 'const mayStrangers = true;',
    test: [
      'test/io/process/handshake-queue.test.ts',
      'the share of strangers is at most a quarter of a core while peers have work in every turn',
    ],
  },
  {
    id: 'C6 trusted callers wait behind strangers',
    breaks: 'A flood of strangers keeps trusted and static nodes out.',
    file: 'src/server/connection-setups.ts',
    from: 'isExpected: this.#hooks.expectedHosts.has(stream.remote.host),',
    to: 'isExpected: false,',
    test: [
      'test/scenarios/handshake-herds.test.ts',
      'a caller from the address of a trusted node does not wait behind strangers',
    ],
  },
  {
    id: 'C6 dials wait behind strangers',
    breaks: 'A flood of strangers keeps this server from dialling.',
    file: 'src/io/link/enc-handshake.ts',
    from: "handshakeQueue.enter(destination || isExpected ? 'expected' : 'stranger')",
    to: "handshakeQueue.enter(isExpected ? 'expected' : 'stranger')",
    test: [
      'test/io/link/enc-handshake.test.ts',
      'the turns of handshakes a dial does not wait behind a stranger that came before it',
    ],
  },
  {
    id: 'C6 hang-up unnoticed while waiting',
    breaks: 'A caller that has hung up gets a whole handshake.',
    file: 'src/io/link/rlpx-link.ts',
    from: '        this.#reader.watch();\n',
    to: '        this.#reader.stop();\n',
    test: [
      'test/scenarios/handshake-herds.test.ts',
      'callers that hang up before their turn cost no operation on the curve',
    ],
  },
  {
    id: 'C8 no memory of auths',
    breaks: 'A recorded auth costs a whole handshake each time it is sent.',
    file: 'src/io/link/enc-handshake.ts',
    from: 'if (this.#options.recentAuths.isReplay(packet.bytes))',
    to: 'if (this.#options.recentAuths.isReplay(packet.bytes) && false)',
    test: [
      'test/scenarios/handshake-herds.test.ts',
      'a replayed auth costs no operation on the curve, and is answered with no byte',
    ],
  },

  // 3.4 Resources of connections.
  {
    id: 'R1 slots of one source not counted',
    breaks: 'One source may hold every slot.',
    file: 'src/machines/listening/handshake-slots.ts',
    from: 'return countFrom(slots, caller) >= MAX_PENDING_PER_SOURCE;',
    to: 'return false;',
    test: ['test/machines/listening/handshake-slots.test.ts', 'R1: one source holds two at most'],
  },
  {
    id: 'R1 no silent caller is replaced',
    breaks: 'Silent callers keep an honest one out until their deadline.',
    file: 'src/machines/listening/listener.ts',
    from: 'replaceableSlot(context.held, caller) !== null,',
    to: 'false,',
    test: [
      'test/machines/listening/listener-replacing.test.ts',
      'R1: when every slot is taken, a new connection replaces the oldest silent one after that, which is reported first',
    ],
  },
  {
    id: 'R1 replaced at once',
    breaks: 'A flood pushes honest callers out before they can speak.',
    file: 'src/machines/listening/handshake-slots.ts',
    from: 'if (!oldest || caller.at - oldest.since <= REPLACEABLE_AFTER_MS) return null;',
    to: 'if (!oldest) return null;',
    test: [
      'test/machines/listening/handshake-slots.test.ts',
      'R1: which holder may be replaced none when the oldest silent one is young',
    ],
  },
  {
    id: 'R2 no deadline for Hello',
    breaks: 'Who has finished the key exchange may stay silent for ever.',
    file: 'src/machines/connection/connection-setup.ts',
    from: "helloTimeout: { actions: { type: 'reject', params: rejection('helloTimeout') } },",
    to: '',
    test: [
      'test/machines/connection/connection-setup-deadlines.test.ts',
      'inbound: Hello quirk 2: has 5 s of its own, however long the handshake took',
    ],
  },
  {
    id: 'R2 idle instead of absolute deadline',
    breaks: 'A byte now and then keeps a message open for ever.',
    file: 'src/io/link/link-timeouts.ts',
    from: 'if (!this.#partial || bytes - this.#partial.bytes >= MIN_PROGRESS_BYTES)',
    to: 'if (true)',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'R2: a message that drips in is cut 30 s after its first byte, however often a byte comes',
    ],
  },
  {
    id: 'R3 an address instead of a /64',
    breaks: 'One IPv6 network is as many sources as it has addresses.',
    file: 'src/io/wire/ip-address.ts',
    from: 'address.parts.slice(0, NETWORK_GROUPS);',
    to: 'address.parts;',
    test: [
      'test/io/wire/ip-address.test.ts',
      'R3: a source of 2001:db8:1:2:ffff:ffff:ffff:ffff is 2001:db8:1:2::/64',
    ],
  },
  {
    id: 'R3 history without end',
    breaks: 'The memory of the throttle grows with the sources of a flood.',
    file: 'src/machines/listening/inbound-check.ts',
    from: '.slice(-MAX_PAGES);',
    to: ';',
    test: [
      'test/machines/listening/inbound-check.test.ts',
      'ExpHeap: the history R3: holds 65,536 sources, and the oldest leave first',
    ],
  },
  {
    id: 'R4 no time limit for a remote that does not read',
    breaks: 'A remote that reads nothing is never given up on.',
    file: 'src/io/link/write-queue.ts',
    from: 'this.#stallDeadline.arm();',
    to: '',
    test: [
      'test/io/link/write-queue-stall.test.ts',
      'R4: a remote that reads nothing is stalled 20 s after the first bytes it did not take, to the millisecond',
    ],
  },
  {
    id: 'R4 no byte limit for a remote that does not read',
    breaks: 'Unsent bytes pile up without a bound.',
    file: 'src/io/link/write-queue.ts',
    from: 'if (this.#duplex.writableLength + this.#sealedBytes > MAX_UNSENT_BYTES) this.#reportStall();',
    to: '',
    test: [
      'test/io/link/write-queue-stall.test.ts',
      'R4: a remote that reads nothing is stalled at once with more than 32 MiB unsent',
    ],
  },
  {
    id: 'R4 queue without end',
    breaks: 'Messages for a slow remote queue without a bound.',
    file: 'src/io/link/write-queue.ts',
    from: 'if (this.#isFull(bytes))',
    to: 'if (false)',
    test: [
      'test/scenarios/hostile-peers.test.ts',
      'R4: a peer that never reads fills its own queue, and is ended after 20 s',
    ],
  },
  {
    id: 'R5 files not counted',
    breaks: 'Too few file descriptors are not reported.',
    file: 'src/server/file-limit-warning.ts',
    from: 'if (limit < needed)',
    to: 'if (false)',
    test: [
      'test/server/file-limit-warning.test.ts',
      'R5: a server that may need more files than it may open logs a warning with both numbers at its start',
    ],
  },
  {
    id: 'R6 resets kill the process',
    breaks: 'A stream that fails before anybody reads it has no listener for its error.',
    file: 'src/io/link/byte-stream.ts',
    from: "duplex.on('error', () => {});",
    to: '',
    test: [
      'test/io/link/byte-stream.test.ts',
      'a byte stream R6: an error without another listener does not end the process',
    ],
  },
  {
    id: 'R6 reading before admission',
    breaks: 'Bytes of a caller are read before anybody has let it in.',
    file: 'src/io/adapters/tcp-listener.ts',
    from: 'pauseOnConnect: true,',
    to: 'pauseOnConnect: false,',
    test: [
      'test/io/adapters/tcp-listener.test.ts',
      'accepting R6: reads nothing until a reader is attached',
    ],
  },
  {
    id: 'R9 a watch that goes on',
    breaks: 'The timers of a connection outlive it.',
    file: 'src/io/link/link-timeouts.ts',
    from: 'stop(): void {\n    this.#readDeadline.disarm();',
    to: 'stop(): void {',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'stopped timeouts report nothing and leave no timer',
    ],
  },
  {
    id: 'R10 remotes name any address',
    breaks: 'A node that remotes reported is dialled at loopback or in the LAN.',
    file: 'src/machines/dialing/dial-check.ts',
    from: "return rules.isCandidateHost(target.host) ? null : 'notCandidateHost';",
    to: 'return null;',
    test: [
      'test/machines/dialing/dial-check.test.ts',
      'R10: which candidates may be dialled none at a forbidden address',
    ],
  },
  {
    id: 'R10 NetRestrict not asked before a dial',
    breaks: 'Nodes outside of the restriction are dialled.',
    file: 'src/machines/dialing/dial-check.ts',
    from: "return hostKind === 'name' || isInNetRestrict(host) ? null : 'notInNetRestrict';",
    to: 'return null;',
    test: [
      'test/machines/dialing/dial-check.test.ts',
      'which nodes may be dialled, in the order of go-ethereum not outside of NetRestrict',
    ],
  },
  {
    id: 'R11 redial at once',
    breaks: 'A node that refuses is dialled again and again without a pause.',
    file: 'src/machines/dialing/dial-check.ts',
    from: "return recent.has(id) ? 'recentlyDialed' : null;",
    to: 'return null;',
    test: [
      'test/machines/dialing/dial-check.test.ts',
      'which nodes may be dialled, in the order of go-ethereum not a node dialled a moment ago',
    ],
  },

  // Explanations.
  {
    id: 'J1 a failed lookup is a denied name',
    breaks: 'A name is said to have no address when its name server failed.',
    file: 'src/io/adapters/host-lookup.ts',
    from: 'else if (error) failed ??= error;',
    to: 'else if (error) denied ??= error;',
    test: [
      'test/io/adapters/host-lookup.test.ts',
      'a name is not said to have no address when a name server fails',
    ],
  },
  {
    id: 'J1 advice to wait on the LAN',
    breaks: 'We advise to wait for a throttle that the LAN does not have.',
    file: 'src/explain/rule.ts',
    from: "remote === 'loopback' || remote === 'lan'",
    to: 'remote === null',
    test: [
      'test/explain/dial-rules.test.ts',
      'a connection that is cut at once is not throttled on the LAN',
    ],
  },
  {
    id: 'J1 pauses of ours go unnoticed',
    breaks: 'A remote that did not wait for our blocked process is blamed.',
    file: 'src/io/process/pause-watch.ts',
    from: 'this.#fired(dueAt, clock.now());',
    to: '',
    test: [
      'test/scenarios/explanations-circumstances.test.ts',
      'a peer that hangs up while this process stands still did not wait for it',
    ],
  },
  {
    id: 'J1 former peers without a bound',
    breaks: 'A server remembers every node that was ever its peer.',
    file: 'src/server/circumstances.ts',
    from: 'if (this.#formerPeers.size > MAX_FORMER_PEERS && oldest !== undefined)',
    to: 'if (false && oldest !== undefined)',
    test: [
      'test/server/circumstances.test.ts',
      'a node that was a peer is forgotten after a bounded number of others',
    ],
  },

  ...DISCOVERY_MUTANTS,
  ...INVARIANT_MUTANTS,
  ...REAL_USE_MUTANTS,
  ...TABLE_MUTANTS,
  ...WIRING_MUTANTS,
];
