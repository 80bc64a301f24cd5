/** How the end of a dial, a connection or a peer becomes the end of a visit. */
import { DISCONNECT_CODES, type DisconnectReason } from '../io/wire/disconnect.ts';
import { REJECTIONS } from '../machines/connection/connection-endings.ts';
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
  const wireCode = outcome === 'failed' ? null : codeOf(outcome, name, code);
  return { outcome, stage, reason, ...(wireCode !== null && { wireCode }) };
}

function codeOf(outcome: 'rejected' | 'refused', name: string, code: unknown): number | null {
  const reasons: Readonly<Record<string, { readonly wireReason: DisconnectReason }>> = {
    ...REJECTIONS,
    ...PEER_REJECTIONS,
  };
  const word = outcome === 'rejected' ? reasons[name]?.wireReason : name;
  if (outcome === 'refused' && typeof code === 'number') return code;
  return word !== undefined && Object.hasOwn(DISCONNECT_CODES, word)
    ? DISCONNECT_CODES[word as DisconnectReason]
    : null;
}
