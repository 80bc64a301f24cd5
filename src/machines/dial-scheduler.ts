/**
 * When to dial: keeps static nodes connected, within slots and not too often.
 * Whom to dial is decided by `dial-generator.ts`; each dial is a `dial-task` started by the server.
 * Chart: docs/statecharts/dial-scheduler.md
 */
import { assign, enqueueActions, setup } from 'xstate';

import type { Direction } from './connection.ts';
import { type DialBook, type DialRules, freeSlots, nextDials } from './dial-generator.ts';
import type { DialTarget } from './dial-task.ts';

/** Time from the start of a dial to the next one to the same node, in ms. Others throttle us for 30 s. Source: go-ethereum p2p/dial.go. */
export const REDIAL_DELAY_MS = 35_000;

/** Longest wait for cancelled dials to end, in ms. */
export const CANCEL_TIMEOUT_MS = 4_000;

export type DialSchedulerInput = {
  readonly rules: DialRules;
  readonly statics: readonly DialTarget[];
};

export type DialSchedulerEvent =
  /** A known id gets its new address and may be dialled at once. */
  | { readonly type: 'static.add'; readonly target: DialTarget }
  | { readonly type: 'static.remove'; readonly id: string }
  | { readonly type: 'peer.added'; readonly id: string; readonly direction: Direction }
  | { readonly type: 'peer.removed'; readonly id: string }
  | { readonly type: 'dial.ended'; readonly id: string }
  | { readonly type: 'history.expired'; readonly id: string }
  | { readonly type: 'stop' };

/** To the server that invoked this machine. */
export type DialSchedulerReport =
  | {
      readonly type: 'dial.wanted';
      readonly target: DialTarget;
      readonly direction: Exclude<Direction, 'inbound'>;
    }
  | { readonly type: 'dial.unwanted'; readonly id: string };

type Context = { readonly rules: DialRules; readonly book: DialBook };

export const dialSchedulerMachine = setup({
  types: {
    input: {} as DialSchedulerInput,
    context: {} as Context,
    events: {} as DialSchedulerEvent,
  },
  delays: { redialDelay: REDIAL_DELAY_MS, cancelTimeout: CANCEL_TIMEOUT_MS },
  guards: {
    isSaturated: ({ context }) => freeSlots(context.book, context.rules) <= 0,
    hasSlot: ({ context }) => freeSlots(context.book, context.rules) > 0,
    isIdle: ({ context }) => context.book.dialing.size === 0,
  },
  actions: {
    addStatic: assign(({ context: { book } }, target: DialTarget) => ({
      book: {
        ...book,
        statics: new Map(book.statics).set(target.id, target),
        recent: without(book.recent, target.id),
      },
    })),
    removeStatic: assign(({ context: { book } }, id: string) => {
      const statics = new Map(book.statics);
      statics.delete(id);
      return { book: { ...book, statics, recent: without(book.recent, id) } };
    }),
    addPeer: assign(({ context: { book } }, { id, direction }: PeerAdded) => ({
      book: { ...book, peers: new Map(book.peers).set(id, direction) },
    })),
    removePeer: assign(({ context: { book } }, id: string) => {
      const peers = new Map(book.peers);
      peers.delete(id);
      return { book: { ...book, peers } };
    }),
    endDial: assign(({ context: { book } }, id: string) => ({
      book: { ...book, dialing: without(book.dialing, id) },
    })),
    expireHistory: assign(({ context: { book } }, id: string) => ({
      book: { ...book, recent: without(book.recent, id) },
    })),
    forgetHistory: enqueueActions(({ enqueue }, id: string) => enqueue.cancel(historyTimer(id))),
    cancelDial: enqueueActions(({ context, enqueue }, id: string) => {
      if (context.book.dialing.has(id)) enqueue.sendParent({ type: 'dial.unwanted', id });
    }),
    cancelDials: enqueueActions(({ context, enqueue }) => {
      for (const id of context.book.dialing) enqueue.sendParent({ type: 'dial.unwanted', id });
    }),
    launch: enqueueActions(({ context: { book, rules }, enqueue }) => {
      const targets = nextDials(book, rules);
      if (targets.length === 0) return;
      const ids = targets.map(({ id }) => id);
      enqueue.assign({
        book: {
          ...book,
          dialing: new Set([...book.dialing, ...ids]),
          recent: new Set([...book.recent, ...ids]),
        },
      });
      for (const target of targets) {
        enqueue.cancel(historyTimer(target.id)); // two timers of one id would both fire
        enqueue.raise(
          { type: 'history.expired', id: target.id },
          { id: historyTimer(target.id), delay: 'redialDelay' },
        );
        enqueue.sendParent({ type: 'dial.wanted', target, direction: 'static' });
      }
    }),
  },
}).createMachine({
  id: 'dial-scheduler',
  context: ({ input }) => ({
    rules: input.rules,
    book: {
      statics: new Map(input.statics.map((target) => [target.id, target])),
      dialing: new Set(),
      recent: new Set(),
      peers: new Map(),
    },
  }),
  initial: 'scheduling',
  states: {
    scheduling: {
      description: 'Every change of what is known may make a dial due.',
      initial: 'hungry',
      entry: 'launch',
      states: {
        hungry: {
          description: 'There is a free slot for a dial; nothing known is due.',
          tags: 'unbounded',
          always: { guard: 'isSaturated', target: 'saturated' },
        },
        saturated: {
          description: 'Every slot is in use, by running dials or by peers we dialled.',
          tags: 'unbounded',
          always: { guard: 'hasSlot', target: 'hungry' },
        },
      },
      on: {
        'static.add': {
          actions: [
            { type: 'forgetHistory', params: ({ event }) => event.target.id },
            { type: 'addStatic', params: ({ event }) => event.target },
            'launch',
          ],
        },
        'static.remove': {
          actions: [
            { type: 'forgetHistory', params: ({ event }) => event.id },
            { type: 'removeStatic', params: ({ event }) => event.id },
            { type: 'cancelDial', params: ({ event }) => event.id },
            'launch',
          ],
        },
        'peer.added': { actions: { type: 'addPeer', params: ({ event }) => event } },
        'peer.removed': {
          actions: [{ type: 'removePeer', params: ({ event }) => event.id }, 'launch'],
        },
        'dial.ended': {
          actions: [{ type: 'endDial', params: ({ event }) => event.id }, 'launch'],
        },
        'history.expired': {
          actions: [{ type: 'expireHistory', params: ({ event }) => event.id }, 'launch'],
        },
        stop: 'draining',
      },
    },
    draining: {
      description: 'Running dials were cancelled and report their end.',
      entry: 'cancelDials',
      always: { guard: 'isIdle', target: 'stopped' },
      on: {
        'dial.ended': { actions: { type: 'endDial', params: ({ event }) => event.id } },
        'peer.removed': {},
        'peer.added': {},
        'history.expired': {},
      },
      after: { cancelTimeout: 'stopped' },
    },
    stopped: { type: 'final', description: 'No dial runs.' },
  },
});

type PeerAdded = Extract<DialSchedulerEvent, { type: 'peer.added' }>;

const historyTimer = (id: string): string => `history:${id}`;

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const rest = new Set(ids);
  rest.delete(id);
  return rest;
}
