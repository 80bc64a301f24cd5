/** Rules for connections that ended in the enc handshake or before Hello, by phase, time and bytes. */
import { THEY_GAVE_UP, THEY_MAY_HAVE_GIVEN_UP, WE_WERE_LATE } from './pause-rules.ts';
import {
  type EndingFacts,
  isNear,
  lasting,
  peerAgo,
  type Rule,
  theyCalled,
  wasPeer,
  weDialled,
} from './rule.ts';

/** A remote that hangs up on purpose does it sooner than this, in ms. Ours: several round trips around the world. */
const PROMPT_MS = 1_000;

/**
 * A caller that leaves later than this waited for us, in ms. Ours: a little less than the 5 s after which go-ethereum
 * gives up a handshake, since the time in which its bytes were on their way is not counted.
 */
const GAVE_UP_MS = 4_000;

const receivedNothing = ({ bytesIn }: EndingFacts): boolean => bytesIn === 0;
const isDuring = ({ during }: EndingFacts, state: string): boolean => during === state;
const hasWaited = ({ ms }: EndingFacts): boolean => ms >= GAVE_UP_MS;

export const AWAITING_ACK = 'encHandshake.awaitingAck';
const AWAITING_TURN = 'encHandshake.awaitingTurn';
const AWAITING_AUTH = 'encHandshake.awaitingAuth';

const CHECK_KEY = 'Get a fresh enode of the node, and if key and port are right, try again later.';
const CHECK_KEY_AND_ASK =
  'Get a fresh enode of the node; if the key is right, ask whether they restrict networks.';
const CHECK_KEY_AND_WAIT =
  'Get a fresh enode of the node; if the key is right, wait 35 s, since go-ethereum accepts an address once in 30 s, then ask whether they restrict networks.';
const CHECK_PORT = 'Compare the port with the one that the node announces.';
const OPEN_PORT = 'Nothing: it happens to every open port.';
const WAIT = 'Wait 35 s and try again; if it stays, ask whether they restrict networks.';
const ASK = 'Ask whether they restrict networks.';
const LATER = 'Try again later; if it stays, look at the load of their machine.';
const OUR_LOAD =
  'Nothing, if it is rare; if many callers leave like this, this process is too busy: look at its event loop delay.';

const receivedNoAck = (seen: EndingFacts): boolean =>
  weDialled(seen) && isDuring(seen, AWAITING_ACK) && receivedNothing(seen);

/** Their auth has arrived, and they have not taken our Hello. */
const isBeforeOurHello = (seen: EndingFacts): boolean =>
  theyCalled(seen) && !seen.isHelloSent && !isDuring(seen, AWAITING_AUTH);

/** The enc handshake exceeded its time limit. */
export const TIMEOUT_RULES: readonly Rule[] = [
  WE_WERE_LATE,
  {
    when: (seen) => receivedNoAck(seen) && wasPeer(seen),
    verdict: (seen) =>
      `They were our peer ${peerAgo(seen)}, so key and port are right: their process is frozen, overloaded, or has no free handshake slot.`,
    remedy: LATER,
    confidence: 'likely',
  },
  {
    when: receivedNoAck,
    verdict:
      'They did not answer our auth: the public key in the enode is not theirs, the port does not speak RLPx, or all their handshake slots are in use.',
    remedy: CHECK_KEY,
    confidence: 'possible',
  },
  {
    when: (seen) => weDialled(seen) && isDuring(seen, AWAITING_ACK),
    verdict: 'Only a part of an ack arrived: the connection is very slow, or this is not RLPx.',
    remedy: CHECK_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => theyCalled(seen) && receivedNothing(seen),
    verdict: 'The caller connected and sent nothing: a port scan or a health check.',
    remedy: OPEN_PORT,
    confidence: 'likely',
  },
  {
    when: theyCalled,
    verdict:
      'Only a part of an auth arrived: the connection is very slow, or they do not speak RLPx.',
    remedy: OPEN_PORT,
    confidence: 'possible',
  },
];

/** Their Hello did not come in time. */
export const HELLO_TIMEOUT_RULES: readonly Rule[] = [
  WE_WERE_LATE,
  {
    when: wasPeer,
    verdict: (seen) =>
      `They agreed on keys and sent no Hello in time, and were our peer ${peerAgo(seen)}: their process is frozen or overloaded, or the link is slow.`,
    remedy: LATER,
    confidence: 'likely',
  },
];

/** The remote closed or reset the stream. */
export const HANGUP_RULES: readonly Rule[] = [
  {
    when: (seen) => isDuring(seen, AWAITING_AUTH) && receivedNothing(seen),
    verdict: 'The caller connected and left without sending a byte: a port scan or a health check.',
    remedy: OPEN_PORT,
    confidence: 'likely',
  },
  THEY_GAVE_UP,
  {
    when: (seen) => weDialled(seen) && isDuring(seen, 'encHandshake.sendingAuth') && isNear(seen),
    verdict: 'They closed the connection before we sent anything: they filter our address.',
    remedy: ASK,
    confidence: 'likely',
  },
  {
    when: (seen) => weDialled(seen) && isDuring(seen, 'encHandshake.sendingAuth'),
    verdict:
      'They closed the connection before we sent anything: they filter our address, or go-ethereum accepted it within the last 30 s.',
    remedy: WAIT,
    confidence: 'likely',
  },
  {
    when: (seen) => receivedNoAck(seen) && wasPeer(seen) && isNear(seen),
    verdict: (seen) =>
      `They hung up on our auth, and were our peer ${peerAgo(seen)}, so key and port are right: they are stopping or starting, or turn us away.`,
    remedy: LATER,
    confidence: 'possible',
  },
  {
    when: (seen) => receivedNoAck(seen) && wasPeer(seen),
    verdict: (seen) =>
      `They hung up on our auth, and were our peer ${peerAgo(seen)}, so key and port are right: they are stopping or starting, or turn our address away, as go-ethereum does for 30 s after a connection.`,
    remedy: WAIT,
    confidence: 'possible',
  },
  {
    when: (seen) => receivedNoAck(seen) && seen.duringMs < PROMPT_MS && isNear(seen),
    verdict:
      'They hung up on our auth without sending a byte: the public key in the enode is probably not theirs, or they turn our address away.',
    remedy: CHECK_KEY_AND_ASK,
    confidence: 'likely',
  },
  {
    when: (seen) => receivedNoAck(seen) && seen.duringMs < PROMPT_MS,
    verdict:
      'They hung up on our auth without sending a byte: the public key in the enode is probably not theirs, or they turn our address away, as go-ethereum does for 30 s after a connection.',
    remedy: CHECK_KEY_AND_WAIT,
    confidence: 'likely',
  },
  {
    when: receivedNoAck,
    verdict:
      'They hung up a while after our auth without sending a byte: a wrong public key, not RLPx, or no free handshake slot.',
    remedy: CHECK_KEY,
    confidence: 'possible',
  },
  {
    when: (seen) => weDialled(seen) && isDuring(seen, AWAITING_ACK),
    verdict: 'They hung up in the middle of what should be an ack.',
    remedy: CHECK_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => isDuring(seen, AWAITING_AUTH),
    verdict: 'The caller left before its auth was complete: it gave up, or does not speak RLPx.',
    remedy: OPEN_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => isBeforeOurHello(seen) && hasWaited(seen),
    verdict: ({ ms }) =>
      `The caller gave up: ${lasting(ms)} after its connection it had no Hello of ours yet.`,
    remedy: OUR_LOAD,
    confidence: 'likely',
  },
  {
    when: (seen) => isDuring(seen, AWAITING_TURN),
    verdict:
      'The caller left while its handshake waited behind others: it gave up, or is one of many.',
    remedy: OUR_LOAD,
    confidence: 'likely',
  },
  {
    when: isBeforeOurHello,
    verdict: 'The caller left between its auth and our Hello: it gave up, or was only a probe.',
    remedy: OUR_LOAD,
    confidence: 'possible',
  },
  {
    when: (seen) => theyCalled(seen) && isDuring(seen, 'protoHandshake') && hasWaited(seen),
    verdict: ({ ms }) =>
      `The caller left without a Hello ${lasting(ms)} after its connection: it gave up waiting.`,
    remedy: OUR_LOAD,
    confidence: 'likely',
  },
  {
    when: (seen) => theyCalled(seen) && isDuring(seen, 'protoHandshake'),
    verdict: 'The caller left without a Hello once ours was sent: a probe or a crawler.',
    remedy: OPEN_PORT,
    confidence: 'likely',
  },
  {
    when: (seen) => theyCalled(seen) && seen.isHelloSent,
    verdict:
      'The caller left once both Hellos were sent: a crawler, or it prefers another connection.',
    remedy: OPEN_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => isDuring(seen, 'protoHandshake'),
    verdict:
      'They agreed on keys and hung up instead of sending Hello: our Hello is faulty, or a Disconnect such as "too many peers" was lost.',
    remedy: 'Try again later; if it repeats, only their log can say why.',
    confidence: 'possible',
  },
  THEY_MAY_HAVE_GIVEN_UP,
];

/** For a server without protocols. */
export const GIVE_PROTOCOLS =
  'Give the server protocols; on the command line, --offer or --echo does it.';

/** They refused us as useless. */
export const USELESS_RULES: readonly Rule[] = [
  {
    when: ({ offersNothing }) => offersNothing,
    verdict: 'We offer no protocol, so we are of no use to them.',
    remedy: GIVE_PROTOCOLS,
    confidence: 'certain',
  },
];

/** First two bytes of other protocols, which the reader takes for the size of a packet. */
const FOREIGN_PROTOCOLS: readonly (readonly [starts: readonly number[], what: string])[] = [
  [[0x4854], 'a web server'], // "HT"TP/1.1
  [[0x5353], 'an SSH server or client'], // "SS"H-2.0
  [[0x3232], 'a mail or file server'], // "22"0
  [[0x1603, 0x1503], 'TLS'], // a handshake or an alert
  [[0x4745, 0x504f, 0x4845, 0x4f50, 0x434f], 'a web client'], // "GE"T, "PO"ST, "HE"AD, "OP"TIONS, "CO"NNECT
];

/** The detail of the fact begins with the size. */
const sizeRead = ({ facts: { detail } }: EndingFacts): number =>
  Number.parseInt(String(detail), 10);

/** The size of a handshake packet is out of range. */
export const FOREIGN_PROTOCOL_RULES: readonly Rule[] = FOREIGN_PROTOCOLS.map(([starts, what]) => ({
  when: (seen: EndingFacts) => starts.includes(sizeRead(seen)),
  verdict: `This is ${what}, not RLPx: their first bytes say so.`,
  remedy: CHECK_PORT,
  confidence: 'likely' as const,
}));

/** A packet of the right size that our key does not decrypt. */
export const UNDECRYPTABLE_RULES: readonly Rule[] = [
  {
    when: weDialled,
    verdict:
      'The answer to our auth is not an ack for us: the port does not speak RLPx, or something in between alters bytes.',
    remedy: 'Compare the key and the port with those that the node announces.',
    confidence: 'likely',
  },
  {
    when: theyCalled,
    verdict: 'Their auth is not for our key: they have an old enode of ours, or do not speak RLPx.',
    remedy: 'Nothing on this side, unless our key has changed: then announce the new enode.',
    confidence: 'likely',
  },
];
