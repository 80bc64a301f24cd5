/**
 * Gives a mask the host names that a server knows, before any text that may quote one of them is written: those of its
 * options, of added nodes and of candidates, and of dials that began earlier.
 */
import type { LifecycleListener } from '../../actors/lifecycle.ts';
import { type Mask, NO_MASK } from './mask.ts';

/** Fields of events, inputs and contexts that are a host, or in which hosts are. No other field is read. */
const FIELDS = [
  'address',
  'bootnodes',
  'dial',
  'host',
  'input',
  'listen',
  'others',
  'queued',
  'remote',
  'resolution',
  'statics',
  'target',
  'tried',
  'untried',
] as const;

/** @param value An event, an input or a context. */
export function learnHosts(value: unknown, mask: Mask): void {
  if (typeof value === 'string') mask.learn(value);
  else if (Array.isArray(value)) for (const item of value) learnHosts(item, mask);
  else if (typeof value === 'object' && value !== null)
    for (const field of FIELDS)
      if (Object.hasOwn(value, field)) learnHosts((value as Fields)[field], mask);
}

type Fields = Readonly<Record<(typeof FIELDS)[number], unknown>>;

/** The same listener, whose mask knows the hosts of each step before the listener gets it. */
export function learning(listener: LifecycleListener, mask: Mask): LifecycleListener {
  if (mask === NO_MASK) return listener;
  return {
    started: (actor) => listener.started(actor),
    found: (actor, snapshot) => {
      learnHosts(snapshot.context, mask);
      listener.found(actor, snapshot);
    },
    stepped: (actor, step) => {
      learnHosts(step.event, mask);
      if (actor.machine.id === 'dial-task') learnHosts(step.snapshot.context, mask); // in use again
      listener.stepped(actor, step);
    },
    ended: (actor, status) => listener.ended(actor, status),
  };
}
