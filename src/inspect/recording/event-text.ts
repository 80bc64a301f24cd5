/**
 * One event of a machine as JSON and back, those of XState itself included. An event without a form is written with its
 * type and a `?` only: from there on the actor cannot be replayed.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';

import type { DialRules } from '../../machines/dialing/dial-check.ts';
import type { DialTaskInput } from '../../machines/dialing/dial-task.ts';
import type { NodeTable } from '../../machines/discovery/table.ts';
import type { ServerMachineContext } from '../../machines/server/server-setup.ts';
import type { StepLine } from '../recording.ts';
import { formsOf } from './event-forms.ts';
import {
  type Form,
  FormError,
  type HostRules,
  type nothing,
  optional,
  type Reading,
  record,
  text,
  type Writing,
  word,
} from './form.ts';
import type { Mask } from './mask.ts';

export type WrittenEvent = StepLine['event'];

/** @param machine As it runs, with its provided parts. @param snapshot After the event. */
export function writeEvent(
  machine: AnyStateMachine,
  event: EventObject,
  snapshot: AnyMachineSnapshot,
  mask: Mask,
): WrittenEvent {
  const { type } = event;
  let isComplete = true;
  const writing: Writing = {
    mask,
    hosts: hostRulesOf(machine, snapshot),
    markIncomplete: () => {
      isComplete = false;
    },
  };
  const form = formOf(machine.id, type);
  try {
    const written = form?.write(event, writing);
    if (form && isComplete) return { ...(written as object), type };
  } catch {
    // its fields do not match its type
  }
  return { type, '?': true };
}

/**
 * The initial event of an actor that has taken no other yet; null when that is unknown. A server exists before anything
 * can attach to it, and waits in `idle` for its start.
 */
export function initialEventOf(machine: AnyStateMachine, snapshot: AnyMachineSnapshot) {
  if (machine.id !== 'server' || snapshot.value !== 'idle') return null;
  const { input, fault } = snapshot.context as ServerMachineContext;
  return fault.step === '' ? { type: 'xstate.init', input } : null; // otherwise a start has failed before
}

/** Whether it was written with all its fields. */
export const isWhole = (event: WrittenEvent): boolean => !Object.hasOwn(event, '?');

/** @throws {FormError} */
export function readEvent(machine: string, event: WrittenEvent, reading: Reading): EventObject {
  const form = formOf(machine, event.type);
  if (!form) throw new FormError(`expected an event of ${machine}`, 'type');
  return { ...form.read(event, reading), type: event.type };
}

/** Events of XState itself: start, stop, delay, and the end of an invoked actor. */
function formOf(machine: string, type: string): Form<EventObject> | null {
  const forms = formsOf(machine);
  if (!forms) return null;
  if (type === 'xstate.init') return record({ input: forms.input }) as unknown as Form<EventObject>;
  if (type === 'xstate.stop' || type.startsWith('xstate.after.')) return BARE;
  if (type.startsWith('xstate.error.actor.')) return BROKEN;
  if (!type.startsWith('xstate.done.actor.'))
    return type.startsWith('xstate.') ? null : forms.events;
  if (!forms.done) return null;
  return record({ actorId: optional(word()), output: forms.done }) as unknown as Form<EventObject>;
}

const BARE = record({}) as unknown as Form<EventObject>;

/** Machines use its text only. */
const thrown: Form<unknown> = {
  write: (error, writing) => text.write(String(error), writing),
  read: (json, reading) => text.read(json, reading),
};

const BROKEN = record<{ readonly actorId?: string; readonly error: unknown }>({
  actorId: optional(word()),
  error: thrown as typeof nothing,
}) as unknown as Form<EventObject>;

function hostRulesOf(machine: AnyStateMachine, snapshot: AnyMachineSnapshot): HostRules | null {
  if (machine.id === 'dial-scheduler')
    return (snapshot.context as { readonly rules: DialRules }).rules;
  if (machine.id === 'table-maintenance') {
    const { isInNetRestrict } = (snapshot.context as { readonly table: NodeTable }).table.rules;
    return { isInNetRestrict, isCandidateHost: () => false };
  }
  if (machine.id !== 'dial-task') return null;
  const { isInNetRestrict } = snapshot.context as DialTaskInput;
  return { isInNetRestrict, isCandidateHost: () => false };
}
