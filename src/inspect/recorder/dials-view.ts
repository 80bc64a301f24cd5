/** The table of dials, read from the context of the dial scheduler and what is remembered of each node. */
import type { ContextFrom } from 'xstate';
import { endWords } from '../../explain/dial-result.ts';
import { explainHeldBack, type HeldBackCounts } from '../../explain/held-back.ts';
import type { dialSchedulerMachine } from '../../machines/dialing/dial-scheduler.ts';
import type { DialEntry, DialledNode, DialsView } from '../protocol.ts';
import type { DialHistory } from './dial-history.ts';
import type { NodeHistory } from './node-history.ts';

/** Lines of one table. */
export const MAX_LINES = 100;

export type SchedulerContext = ContextFrom<typeof dialSchedulerMachine>;

type StaticNode = DialsView['statics'][number];

export function dialsView(
  state: string,
  context: SchedulerContext,
  history: DialHistory,
  nodes: NodeHistory,
): DialsView {
  const { facts, rules, queued, statics, heldBack } = context;
  const { dialing, peers, recent, backingOff } = facts;
  const waiting = new Set([...recent, ...backingOff.keys()]);
  const entry = (id: string, direction: DialEntry['direction']): DialEntry => ({
    id,
    remote: nodes.addressOf(id),
    direction,
  });
  const dialled = [...peers.values()].filter((direction) => direction !== 'inbound').length;
  const maxDialed = rules.maxDialed;
  return {
    state,
    running: cut([...dialing]).map(([id, direction]) => entry(id, direction)),
    maxRunning: rules.maxActive,
    dialled,
    maxDialled: maxDialed,
    queued: cut(queued).map(({ target, direction }) => entry(target.id, direction)),
    queuedTotal: queued.length,
    history: cut([...waiting]).map((id) => {
      const because = history.becauseOf(id);
      return {
        ...dialledNode(id, nodes),
        msLeft: history.msLeft(id) ?? 0,
        because: because === null ? null : endWords(because),
      };
    }),
    historyTotal: waiting.size,
    statics: cut(staticNodes(context, history, nodes)),
    staticsTotal: statics.size,
    heldBack: heldBack.size > 0 ? heldBackText({ nodes: heldBack.size, dialled, maxDialed }) : null,
  };
}

function heldBackText(counts: HeldBackCounts): DialsView['heldBack'] {
  const { verdict, remedy } = explainHeldBack(counts);
  return { verdict, remedy };
}

/** All of them. */
export function staticNodes(
  { facts: { dialing, peers, recent }, queued, statics, heldBack }: SchedulerContext,
  history: DialHistory,
  nodes: NodeHistory,
): readonly StaticNode[] {
  const waiting = new Set(queued.map(({ target }) => target.id));
  const statusOf = (id: string): StaticNode['status'] => {
    if (peers.has(id)) return 'connected';
    if (dialing.has(id)) return 'dialling';
    if (waiting.has(id)) return 'queued';
    if (heldBack.has(id)) return 'heldBack';
    return recent.has(id) ? 'waiting' : 'ready';
  };
  return [...statics].map((id) => {
    const status = statusOf(id);
    const msLeft = status === 'waiting' ? history.msLeft(id) : null;
    return { ...dialledNode(id, nodes), status, msLeft };
  });
}

const dialledNode = (id: string, nodes: NodeHistory): DialledNode => ({
  id,
  remote: nodes.addressOf(id),
  last: nodes.resultOf(id),
});

const cut = <Line>(lines: readonly Line[]): readonly Line[] => lines.slice(0, MAX_LINES);
