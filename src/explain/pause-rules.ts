/** Rules for endings that a pause of this process explains: it was blocked or suspended, and others did not wait. */
import { type EndingFacts, lasting, type Rule } from './rule.ts';

/** The shortest time that go-ethereum waits for a remote, in ms. Source: p2p/transport.go, handshakeTimeout; eth/protocols/eth/handshake.go. */
const PATIENCE_MS = 5_000;

/** What was unread after a pause has been read so long after it, in ms. Ours. */
const READ_MS = 1_000;

const REMEDY =
  'Look for code that blocks the event loop of this process, or for what suspended it, and try again.';

const pauseOf = ({ pause }: EndingFacts): string =>
  `Our own process stood still for at least ${lasting(pause?.ms ?? 0)} just before`;

/** They ended the connection after a pause that is longer than they wait. */
export const THEY_GAVE_UP: Rule = {
  when: ({ pause }) => pause !== null && pause.ms >= PATIENCE_MS,
  verdict: (seen) => `${pauseOf(seen)}: they stopped waiting for it.`,
  remedy: REMEDY,
  confidence: 'likely',
};

/** They ended the connection after a shorter pause. */
export const THEY_MAY_HAVE_GIVEN_UP: Rule = {
  when: ({ pause }) => pause !== null,
  verdict: (seen) => `${pauseOf(seen)}: perhaps they stopped waiting for it.`,
  remedy: REMEDY,
  confidence: 'possible',
};

/** A time limit of ours was exceeded during the pause. */
export const WE_WERE_LATE: Rule = {
  when: ({ pause }) => pause !== null && pause.agoMs < READ_MS,
  verdict: (seen) => `${pauseOf(seen)}, so their answer may be unread.`,
  remedy: REMEDY,
  confidence: 'likely',
};
