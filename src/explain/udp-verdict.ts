/** What the answer to a ping of discovery v4 adds to the explanation of a dial that TCP did not answer. Pure. */
import type { Explanation } from '../api/explanation.ts';
import { duringOf } from './explain.ts';
import { AWAITING_ACK } from './setup-rules.ts';

/** How the dial ended. */
type Ending = {
  readonly state: string;
  /** States of the connection; empty without one. */
  readonly trail: readonly string[];
  readonly bytesIn: number;
};

type Words = Omit<Explanation, 'evidence'>;

const OPEN_TCP =
  'Compare the TCP port with the one that the node announces; if it is right, only their operator can open or forward it.';

/** Of a node that answers over UDP. */
const REACHED: Readonly<Record<string, Words>> = {
  connectTimeout: {
    verdict:
      'The node runs: it answers discovery v4 over UDP. Its TCP port does not answer: a firewall or NAT drops TCP, or it is another port.',
    remedy: OPEN_TCP,
    confidence: 'likely',
  },
  connectionRefused: {
    verdict:
      'The node runs: it answers discovery v4 over UDP. Nothing listens at its TCP port: it listens at another one, or not at all.',
    remedy: OPEN_TCP,
    confidence: 'likely',
  },
};

const NOT_ADMITTED: Words = {
  verdict:
    'The key is right: the node answered discovery v4 with it. So it turns our address away, as go-ethereum does for 30 s after a connection, or has no free handshake slot.',
  remedy: 'Wait 35 s and try again; if it stays, ask whether they restrict networks.',
  confidence: 'likely',
};

/** Whether a ping over UDP can tell more about this ending. */
export const isUdpOfUse = (ending: Ending): boolean => wordsOf(ending) !== null;

/** @param answered A pong came, signed with the key of the enode. */
export function withUdpAnswer(
  explanation: Explanation,
  ending: Ending,
  answered: boolean,
): Explanation {
  const words = wordsOf(ending);
  if (!words) return explanation;
  const line = answered
    ? 'it answered a ping of discovery v4'
    : 'no answer to a ping of discovery v4';
  const evidence = [...explanation.evidence, line];
  return answered ? { ...words, evidence } : { ...explanation, evidence };
}

/** They have sent no byte of an ack. */
function wordsOf({ state, trail, bytesIn }: Ending): Words | null {
  if (Object.hasOwn(REACHED, state)) return REACHED[state] ?? null;
  const isUnanswered =
    /^failed\.(?:connectionClosed|connectionReset|encHandshakeTimeout)$/.test(state) &&
    duringOf(trail) === AWAITING_ACK &&
    bytesIn === 0;
  return isUnanswered ? NOT_ADMITTED : null;
}
