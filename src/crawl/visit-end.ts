/** How the end of a dial, a connection or a peer becomes the end of a visit. */
import { DISCONNECT_CODES, type DisconnectReason } from '../io/wire/disconnect.ts';
import { REJECTIONS } from '../machines/connection/connection-endings.ts';
import { ETH_REJECTIONS } from '../machines/eth/eth-endings.ts';
import { PEER_REJECTIONS } from '../machines/peer/peer-endings.ts';
import type { VisitOutcome, VisitRecord, VisitStage } from './visit-record.ts';

type VisitEnd = Pick<VisitRecord, 'outcome' | 'stage' | 'reason' | 'wireCode'>;

export const ACCEPTED: VisitEnd = { outcome: 'accepted', stage: 'peer', reason: 'accepted' };

/** @param state A state of the chart of a dial, such as `connectTimeout`. */
export const endOfDial = (state: string): VisitEnd => ({
  outcome: 'failed',
  stage: 'dial',
  reason: state,
});

/**
 * @param state The end state, such as `rejected.uselessPeer`, of connection-setup, or with `ending.` before it of a peer.
 * @param code Of a refusal, the number of their Disconnect, if one could be read.
 */
export function endOf(
  stage: Exclude<VisitStage, 'dial'>,
  state: string,
  code: unknown = null,
): VisitEnd {
  const reason = state.replace(/^ending\./, '');
  const [group, name = ''] = reason.split('.');
  const outcome: VisitOutcome = group === 'rejected' || group === 'refused' ? group : 'failed';
  const wireCode = outcome === 'failed' ? null : codeOf(stage, { outcome, name, code });
  return { outcome, stage, reason, ...(wireCode !== null && { wireCode }) };
}

type Reasons = Readonly<Record<string, { readonly wireReason: DisconnectReason | null }>>;

const OUR_REASONS: Readonly<Record<Exclude<VisitStage, 'dial'>, Reasons>> = {
  setup: REJECTIONS,
  peer: PEER_REJECTIONS,
  eth: ETH_REJECTIONS,
};

type Ended = {
  readonly outcome: 'rejected' | 'refused';
  readonly name: string;
  readonly code: unknown;
};

function codeOf(stage: keyof typeof OUR_REASONS, { outcome, name, code }: Ended): number | null {
  if (outcome === 'refused' && typeof code === 'number') return code;
  const word = outcome === 'rejected' ? OUR_REASONS[stage][name]?.wireReason : name;
  return word && Object.hasOwn(DISCONNECT_CODES, word)
    ? DISCONNECT_CODES[word as DisconnectReason]
    : null;
}
