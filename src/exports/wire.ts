/** `peerchart/wire`: bytes to values and back, without sockets or charts. */
export {
  MAX_PACKET_BYTES,
  PacketError,
  type PacketFault,
  readPacket,
  sealPacket,
  senderOf,
  type UnverifiedPacket,
} from '../io/crypto/discv4-packet.ts';
export { openHandshake, type SentChallenge, sealHandshake } from '../io/crypto/discv5-handshake.ts';
export {
  MAX_MESSAGES_PER_KEY,
  messageNonce,
  type SessionKeys,
  wipeKeys,
} from '../io/crypto/discv5-keys.ts';
export {
  type Discv5Packet,
  type HandshakePacket,
  type MessagePacket,
  openMessage,
  type PacketSides,
  readDiscv5Packet,
  type SealedPacket,
  sealMessage,
  sealRandom,
  sealWhoareyou,
  type WhoareyouPacket,
} from '../io/crypto/discv5-packet.ts';
export {
  entryName,
  parseTreeUrl,
  readTreeEntry,
  readTreeRoot,
  signTreeRoot,
  type TreeEntry,
  type TreeLink,
  type TreeRoot,
} from '../io/crypto/dns-tree-entry.ts';
export { type Enode, formatEnode, parseEnode } from '../io/crypto/enode.ts';
export { type Node, parseNode } from '../io/crypto/node.ts';
export {
  endpointOf,
  type NodeRecord,
  type RecordEndpoint,
  readRecord,
  recordValue,
  signRecord,
} from '../io/crypto/node-record.ts';
export {
  BASE_PROTOCOL_LENGTH,
  BASE_PROTOCOL_VERSION,
  MAX_BASE_MESSAGE_BYTES,
} from '../io/wire/base-message.ts';
export {
  DISCONNECT_CODES,
  type DisconnectReason,
  decodeDisconnect,
  encodeDisconnect,
} from '../io/wire/disconnect.ts';
export type {
  DiscoveredNode,
  DiscoveryEndpoint,
  Discv4Message,
} from '../io/wire/discv4-message.ts';
export { Discv5Error, type Discv5Fault } from '../io/wire/discv5-fault.ts';
export {
  type Discv5Message,
  decodeDiscv5,
  encodeDiscv5,
  MAX_REQUEST_ID_BYTES,
} from '../io/wire/discv5-message.ts';
export { MAX_DISCV5_PACKET_BYTES, MIN_DISCV5_PACKET_BYTES } from '../io/wire/discv5-packet.ts';
export { formatBranch, TreeError, type TreeFault } from '../io/wire/dns-tree.ts';
export {
  formatRecord,
  MAX_RECORD_BYTES,
  type RecordContent,
  type RecordEntries,
  RecordError,
  type RecordFault,
  recordBytes,
} from '../io/wire/enr.ts';
export { WireError, type WireFault } from '../io/wire/error.ts';
export {
  type Announcement,
  decodeEth,
  ETH_CODES,
  ETH_LENGTHS,
  ETH_VERSIONS,
  type EthMessage,
  type EthMessageType,
  type EthVersion,
  encodeEth,
  ethTypeOf,
} from '../io/wire/eth-message.ts';
export type { BlockRange, EthStatus } from '../io/wire/eth-status.ts';
export {
  type Chain,
  checkForkId,
  ethEntry,
  type ForkId,
  type ForkIdCheck,
  forkIdAt,
  forkIdIn,
  type Head,
  headAtTime,
} from '../io/wire/fork-id.ts';
export { type Capability, decodeHello, encodeHello, type Hello } from '../io/wire/hello.ts';
export { printable } from '../io/wire/printable.ts';
export { asBytes, asList, asUint, decodeRlp, encodeRlp, type RlpValue } from '../io/wire/rlp.ts';
export { compress, decompress } from '../io/wire/snappy.ts';
export { readTransaction, type Transaction, transactionItem } from '../io/wire/transaction.ts';
