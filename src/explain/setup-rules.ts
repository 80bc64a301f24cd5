/** What the phase, the time and the bytes say about a connection that ended before it was a peer. */
import type { Case, Rule } from './rule.ts';

/** Whoever hangs up on purpose does it sooner than this, in ms. Ours: several round trips around the world. */
const PROMPT_MS = 1_000;

const weDialled = ({ direction }: Case): boolean => direction !== null && direction !== 'inbound';
const theyCalled = ({ direction }: Case): boolean => direction === 'inbound';
const isMute = ({ bytesIn }: Case): boolean => bytesIn === 0;
const isDuring = ({ during }: Case, state: string): boolean => during === state;

const AWAITING_ACK = 'encHandshake.awaitingAck';
const AWAITING_AUTH = 'encHandshake.awaitingAuth';

const CHECK_KEY = 'Get a fresh enode of the node, and if key and port are right, try again later.';
const CHECK_KEY_AND_WAIT =
  'Get a fresh enode of the node; if the key is right, wait 35 s, since go-ethereum takes an address once in 30 s, then ask whether they restrict networks.';
const CHECK_PORT = 'Compare the port with the one the node announces.';
const OPEN_PORT = 'Nothing: it happens to every open port.';

const silentAfterAuth = (seen: Case): boolean =>
  weDialled(seen) && isDuring(seen, AWAITING_ACK) && isMute(seen);

/** The enc handshake took too long. */
export const SILENT: readonly Rule[] = [
  {
    when: silentAfterAuth,
    verdict:
      'They never answered our auth: the public key in the enode is not theirs, the port does not speak RLPx, or all their places for handshakes are taken.',
    remedy: CHECK_KEY,
    confidence: 'possible',
  },
  {
    when: (seen) => weDialled(seen) && isDuring(seen, AWAITING_ACK),
    verdict: 'Only the beginning of an ack came: the link is very slow, or this is no RLPx.',
    remedy: CHECK_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => theyCalled(seen) && isMute(seen),
    verdict: 'Somebody connected and said nothing: a port scan or a health check.',
    remedy: OPEN_PORT,
    confidence: 'likely',
  },
  {
    when: theyCalled,
    verdict: 'Only the beginning of an auth came: the link is very slow, or they speak no RLPx.',
    remedy: OPEN_PORT,
    confidence: 'possible',
  },
];

/** The stream ended, in order or by a reset. */
export const GONE: readonly Rule[] = [
  {
    when: (seen) => weDialled(seen) && isDuring(seen, 'encHandshake.sendingAuth'),
    verdict:
      'They closed the connection before we had said anything: our address is filtered there, or go-ethereum had us within the last 30 s.',
    remedy: 'Wait 35 s and try again; if it stays, ask whether they restrict networks.',
    confidence: 'likely',
  },
  {
    when: (seen) => silentAfterAuth(seen) && seen.duringMs < PROMPT_MS,
    verdict:
      'They hung up on our auth without a byte: the public key in the enode is probably not theirs, or they turn our address away, as go-ethereum does for 30 s after a connection.',
    remedy: CHECK_KEY_AND_WAIT,
    confidence: 'likely',
  },
  {
    when: silentAfterAuth,
    verdict:
      'They kept our auth for a while and hung up without a byte: a wrong public key, no RLPx, or no place for another handshake.',
    remedy: CHECK_KEY,
    confidence: 'possible',
  },
  {
    when: (seen) => weDialled(seen) && isDuring(seen, AWAITING_ACK),
    verdict: 'They broke off in the middle of what should be an ack.',
    remedy: CHECK_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => isDuring(seen, AWAITING_AUTH) && isMute(seen),
    verdict: 'Somebody connected and left without a byte: a port scan or a health check.',
    remedy: OPEN_PORT,
    confidence: 'likely',
  },
  {
    when: (seen) => isDuring(seen, AWAITING_AUTH),
    verdict: 'A caller left before its auth was whole: it broke off, or speaks no RLPx.',
    remedy: OPEN_PORT,
    confidence: 'possible',
  },
  {
    when: (seen) => isDuring(seen, 'protoHandshake'),
    verdict:
      'They agreed on keys and hung up instead of a Hello: a fault in our Hello, or a goodbye such as "too many peers" that was lost.',
    remedy: 'Try again later; if it repeats, only their log can tell.',
    confidence: 'possible',
  },
];

/** What other protocols begin with, by the two bytes that were read as a size. */
const BANNERS: readonly (readonly [starts: readonly number[], what: string])[] = [
  [[0x4854], 'a web server'], // "HT"TP/1.1
  [[0x5353], 'an SSH server or client'], // "SS"H-2.0
  [[0x3232], 'a mail or file server'], // "22"0
  [[0x1603, 0x1503], 'TLS'], // a handshake or an alert
  [[0x4745, 0x504f, 0x4845, 0x4f50, 0x434f], 'a web client'], // "GE"T, "PO"ST, "HE"AD, "OP"TIONS, "CO"NNECT
];

/** The reader names the size first. */
const sizeRead = ({ facts: { detail } }: Case): number => Number.parseInt(String(detail), 10);

/** The size of a handshake packet makes no sense. */
export const NO_RLPX: readonly Rule[] = BANNERS.map(([starts, what]) => ({
  when: (seen: Case) => starts.includes(sizeRead(seen)),
  verdict: `This is ${what}, not RLPx: what came begins like it.`,
  remedy: CHECK_PORT,
  confidence: 'likely' as const,
}));

/** A packet of the right size that is not for us. */
export const UNREADABLE: readonly Rule[] = [
  {
    when: weDialled,
    verdict:
      'What answered our auth is no ack for us: it does not speak RLPx, or something between us alters bytes.',
    remedy: 'Compare the key and the port with what the node announces.',
    confidence: 'likely',
  },
  {
    when: theyCalled,
    verdict: 'Their auth is not for our key: they have an old enode of ours, or speak no RLPx.',
    remedy: 'Nothing on this side, unless our key has changed: then announce the new enode.',
    confidence: 'likely',
  },
];
