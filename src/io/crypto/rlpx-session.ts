/**
 * The secrets of a finished handshake, behind an opaque object: the frame codec takes each direction
 * once. Taking one twice would use one key stream for two messages.
 */
import type { RunningHash } from './primitives.ts';

/** Opaque; safe to log or serialise by accident. */
export type Session = { toJSON(): '[session]' };

/** devp2p/rlpx.md, "Initial Handshake" and "MAC". The running hashes are already seeded. */
export type SessionSecrets = {
  readonly aesSecret: Uint8Array;
  readonly macSecret: Uint8Array;
  readonly egressMac: RunningHash;
  readonly ingressMac: RunningHash;
};

/** One direction. The taker owns the secrets and wipes them once its ciphers are set up. */
export type FrameSecrets = {
  readonly aesSecret: Uint8Array;
  readonly macSecret: Uint8Array;
  readonly mac: RunningHash;
};

type Direction = 'egress' | 'ingress';

const untaken = new WeakMap<Session, { secrets: SessionSecrets; left: Set<Direction> }>();

/** Takes ownership of `secrets` and wipes them when both directions are taken. */
export function createSession(secrets: SessionSecrets): Session {
  const session: Session = Object.freeze({ toJSON: () => '[session]' as const });
  untaken.set(session, { secrets, left: new Set<Direction>(['egress', 'ingress']) });
  return session;
}

export function takeEgress(session: Session): FrameSecrets {
  return take(session, 'egress');
}

export function takeIngress(session: Session): FrameSecrets {
  return take(session, 'ingress');
}

function take(session: Session, direction: Direction): FrameSecrets {
  const held = untaken.get(session);
  if (!held?.left.delete(direction))
    throw new TypeError(`the ${direction} side of this session was already taken`);
  const { aesSecret, macSecret, egressMac, ingressMac } = held.secrets;
  const taken = {
    aesSecret: new Uint8Array(aesSecret),
    macSecret: new Uint8Array(macSecret),
    mac: direction === 'egress' ? egressMac : ingressMac,
  };
  if (held.left.size === 0) {
    untaken.delete(session);
    aesSecret.fill(0);
    macSecret.fill(0);
  }
  return taken;
}
