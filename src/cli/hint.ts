/** What a person may try next, by where a connection of ours ended. Guesses from outside; the state is the fact. */
import type {
  FailureReason,
  RefusalReason,
  RejectionReason,
} from '../machines/connection-endings.ts';
import type { DialFailure } from '../machines/dial-task.ts';

type Ending =
  | DialFailure
  | `rejected.${RejectionReason}`
  | `refused.${RefusalReason}`
  | `failed.${FailureReason}`;

const NO_ANSWER_TO_AUTH =
  'they did not answer our auth: the public key in the enode is probably not theirs, this is no Ethereum node, or they turn our address away (go-ethereum does for 30 s after a try)';
const NO_ANSWER =
  'the node is down, or a firewall or NAT drops what we send; ask from another network';
const KEYS_DISAGREE =
  'something between us alters the bytes, or they made other keys of the handshake';

const HINTS = {
  noTcpPort: 'an enode needs its TCP port: enode://<key>@<host>:<port>',
  hostNotFound: 'check the spelling of the name, or give an address',
  hostLookupTimeout: 'give an address instead of a name',
  connectionRefused: 'is the node running, and is this its TCP port?',
  unreachable: 'check the address and your own network',
  connectTimeout: NO_ANSWER,
  cancelled: NO_ANSWER,
  'failed.encHandshakeTimeout': NO_ANSWER_TO_AUTH,
  'failed.handshakeSizeOutOfRange':
    'what answered does not speak RLPx; compare the port with the one the node announces',
  'failed.invalidPublicKey': 'what answered does not speak RLPx as we know it',
  'failed.undecryptable': 'what answered is not the owner of this enode, or does not speak RLPx',
  'failed.malformedHandshake': 'their RLPx is broken or from the future',
  'failed.badHeaderMac': KEYS_DISAGREE,
  'failed.badFrameMac': KEYS_DISAGREE,
  'refused.tooManyPeers': 'they are full; try later, or have them add us as a trusted node',
  'refused.alreadyConnected': 'another connection with our key is open there',
  'refused.uselessPeer': 'a ping offers no capability, and they say so before their Hello',
  'refused.incompatibleVersion': 'their p2p version is not one of ours',
  'refused.clientQuitting': 'they are restarting or stopping; try again',
  'rejected.unexpectedIdentity': 'the node behind this address has broken or mixed-up keys',
  'rejected.invalidIdentity': 'their implementation is broken',
  'rejected.malformedHello': 'their implementation is broken, or from the future',
  'rejected.oversizedHello': 'their implementation is broken, or from the future',
  'rejected.unexpectedMessage': 'their implementation is broken',
  'rejected.helloTimeout':
    'they have our Hello and are silent: overloaded, or not an Ethereum node',
  'failed.internalError': 'please report this',
} as const satisfies Partial<Record<Ending, string>>;

/** By the last state before a failure, where the failure alone does not say enough. */
const HINTS_DURING: Readonly<Record<string, string>> = {
  'encHandshake.sendingAuth':
    'they hung up before we said anything: an address filter, or go-ethereum within 30 s of the last try',
  'encHandshake.awaitingAck': NO_ANSWER_TO_AUTH,
  protoHandshake: 'they took our key and then hung up without a reason; their log may have one',
};

/** Null when there is nothing to add to the sentence. `during` is the last state before the ending, if known. */
export function hintOf(state: string, during: string | null): string | null {
  const known = lookUp(HINTS, state);
  if (known !== null || during === null || !state.startsWith('failed.')) return known;
  return lookUp(HINTS_DURING, during);
}

const lookUp = (hints: Readonly<Record<string, string>>, key: string): string | null =>
  Object.hasOwn(hints, key) ? hints[key]! : null;
