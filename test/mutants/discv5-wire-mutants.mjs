/** Checks of packets, messages and handshakes of discovery v5, removed one by one. Part of the table of mutants. */

const MESSAGE = 'test/io/wire/discv5-message.test.ts';
const HEADER = 'test/io/wire/discv5-packet.test.ts';
const PACKET = 'test/io/crypto/discv5-packet.test.ts';
const HANDSHAKE = 'test/io/crypto/discv5-handshake.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const DISCV5_WIRE_MUTANTS = [
  {
    id: 'discv5 request ids of any length',
    breaks: 'A request id that no response may repeat is repeated.',
    file: 'src/io/wire/discv5-message.ts',
    from: "if (bytes.length > MAX_REQUEST_ID_BYTES)\n    throw new Discv5Error('requestIdTooLong',",
    to: "if (bytes.length > 2 * MAX_REQUEST_ID_BYTES)\n    throw new Discv5Error('requestIdTooLong',",
    test: [MESSAGE, 'each fault has its name a request id of nine bytes'],
  },
  {
    id: 'discv5 messages with more items',
    breaks: 'A message with an item too many is read, unlike by go-ethereum.',
    file: 'src/io/wire/discv5-message.ts',
    from: 'if (items.length > count)',
    to: 'if (items.length > count + 1)',
    test: [MESSAGE, 'each fault has its name one item too many'],
  },
  {
    id: 'discv5 bytes after a WHOAREYOU',
    breaks: 'What both sides take for the challenge is not what was sent.',
    file: 'src/io/wire/discv5-packet.ts',
    from: 'if (messageBytes > 0)',
    to: 'if (messageBytes > 1)',
    test: [HEADER, 'each fault has its name a byte after a WHOAREYOU'],
  },
  {
    id: 'discv5 authdata of any size',
    breaks: 'A node id is read from authdata that is too short or too long.',
    file: 'src/io/wire/discv5-packet.ts',
    from: 'authDataBytes !== FIXED_AUTH_BYTES[kind]',
    to: 'authDataBytes < FIXED_AUTH_BYTES[kind]',
    test: [HEADER, 'each fault has its name a message with 33 bytes of authdata'],
  },
  {
    id: 'discv5 sizes of another identity scheme',
    breaks: 'A signature and a key are read from the wrong bytes.',
    file: 'src/io/wire/discv5-packet.ts',
    from: 'signatureBytes !== ID_SIGNATURE_BYTES || keyBytes',
    to: 'keyBytes',
    test: [HEADER, 'each fault has its name a signature of 65 bytes'],
  },
  {
    id: 'discv5 packets shorter than a challenge',
    breaks: 'A packet causes a WHOAREYOU that is longer than itself.',
    file: 'src/io/crypto/discv5-packet.ts',
    from: 'if (length < MIN_DISCV5_PACKET_BYTES)',
    to: 'if (length < MIN_DISCV5_PACKET_BYTES - 1)',
    test: [PACKET, 'lengths at both limits are read, and the next ones refused'],
  },
  {
    id: 'discv5 a header that is not authenticated',
    breaks: 'The header of a message, and with it the sender, can be changed on the way.',
    file: 'src/io/crypto/discv5-packet.ts',
    from: 'const opened = aes128GcmOpen(readKey, nonce, sealed, authenticated);',
    to: 'const opened = aes128GcmOpen(readKey, nonce, sealed, new Uint8Array());',
    test: [PACKET, 'a sealed message with no content, or with content that is none, has its fault'],
  },
  {
    id: 'discv5 identity proofs not checked',
    breaks: 'A node gets a session in the name of another one.',
    file: 'src/io/crypto/discv5-handshake.ts',
    from: "  if (!verifyIdNonce(proof, idSignature, record.publicKey, primitives))\n    throw new Discv5Error('badIdSignature', 'the key of the record did not sign this challenge');\n",
    to: '',
    test: [
      HANDSHAKE,
      'each fault of a handshake has its name the answer is to another challenge, or to a challenge of another node',
    ],
  },
  {
    id: 'discv5 the record of another node',
    breaks: 'With a record of its own, a node gets a session in the name of another one.',
    file: 'src/io/crypto/discv5-handshake.ts',
    from: "  if (record.id !== sourceId)\n    throw new Discv5Error('recordOfOtherNode', 'the record has another node id than the packet');\n",
    to: '',
    test: [HANDSHAKE, 'each fault of a handshake has its name the record is of another node'],
  },
  {
    id: 'discv5 an old record replaces a newer one',
    breaks: 'A node is looked for at an endpoint that it has left.',
    file: 'src/io/crypto/discv5-handshake.ts',
    from: 'if (known && decodeRecord(bytes).seq <= known.seq) return null;',
    to: '',
    test: [
      HANDSHAKE,
      'a handshake with an older record than the one that is known leaves that one',
    ],
  },
  {
    id: 'C15 discv5: the shared point stays',
    breaks: 'The memory in which the keys of a session were derived keeps what they derive from.',
    file: 'src/io/crypto/discv5-handshake.ts',
    from: '.finally(() => ephemeral.fill(0))',
    to: '',
    test: [HANDSHAKE, 'C15: the ephemeral secret and the shared point are wiped'],
  },
  {
    id: 'discv5 nonces without a number',
    breaks: 'After 2³² messages, chance decides whether a nonce of AES-GCM is used twice.',
    file: 'src/io/crypto/discv5-keys.ts',
    from: '.setUint32(0, count)',
    to: '.setUint32(0, 0)',
    test: ['test/io/crypto/discv5-keys.test.ts', 'the nonce of a message starts with its number'],
  },
  {
    id: 'discv5 keys that stay',
    breaks: 'The keys of a session that has ended stay in memory.',
    file: 'src/io/crypto/discv5-keys.ts',
    from: '  readKey.fill(0);\n',
    to: '',
    test: ['test/io/crypto/discv5-keys.test.ts', 'keys that were wiped are zero'],
  },
];
