/** Forms of the events of dials, with the result of the host rules beside each host. See `form.ts`. */
import { type DialGenerator, dialGenerator } from '../../machines/dialing/dial-generator.ts';
import type {
  DialSchedulerEvent,
  DialSchedulerInput,
} from '../../machines/dialing/dial-scheduler.ts';
import type {
  DialTarget,
  DialTaskEvent,
  DialTaskInput,
  Resolution,
  SetupResult,
} from '../../machines/dialing/dial-task.ts';
import type { BackOff } from '../../machines/dialing/redial-back-off.ts';
import {
  boolean,
  type Cases,
  type Form,
  type HostAnswers,
  handle,
  host,
  list,
  nodeId,
  number,
  oneOf,
  optional,
  publicKey,
  record,
  text,
  word,
} from './form.ts';
import { stream } from './link-event-forms.ts';

export const target: Form<DialTarget> = record<DialTarget>({
  id: nodeId,
  publicKey,
  host,
  hostKind: word(),
  tcpPort: number,
});

export const resolution: Form<Resolution> = oneOf<Resolution>({
  found: { host, port: number },
  notFound: {},
});

export const backOff: Form<BackOff> = record<BackOff>({ because: word(), ms: number });

/** Read back, it returns the results that were recorded. */
export const hostRule = (rule: keyof HostAnswers): Form<(host: string) => boolean> => ({
  write: () => ({ $: rule }),
  read:
    (_, { hostAnswers: answers }) =>
    (asked) =>
      answers.get(asked)?.[rule] ?? false,
});

/** A generator given by the user cannot be replayed. */
export const generator: Form<DialGenerator<unknown>> = {
  ...handle<DialGenerator<unknown>>('dialGenerator', dialGenerator),
  write: (value, writing) => {
    if (value !== dialGenerator) writing.markIncomplete();
    return { $: 'dialGenerator' };
  },
};

export const dialInput = (asked: Form<DialGenerator<unknown>>): Form<DialSchedulerInput> =>
  record<DialSchedulerInput>({
    statics: list(target),
    bootnodes: list(target),
    seed: number,
    rules: record<DialSchedulerInput['rules']>({
      self: nodeId,
      maxDialed: number,
      maxActive: number,
      isStaticExempt: boolean,
      canResolve: boolean,
      backsOff: boolean,
      maxInbound: number,
      churns: boolean,
      isInNetRestrict: hostRule('isInNetRestrict'),
      isCandidateHost: hostRule('isCandidateHost'),
    }),
    generator: asked,
    hasCandidates: boolean,
    trusted: list(nodeId),
  });

export const taskInput: Form<DialTaskInput> = record<DialTaskInput>({
  target,
  direction: word(),
  mayResolve: boolean,
  isInNetRestrict: hostRule('isInNetRestrict'),
  backOffDraw: optional(number),
});

const MISSED = {
  'fail.nodeNotFound': {},
  'fail.hostNotFound': {},
  'fail.hostLookupFailed': {},
  'fail.hostLookupTimeout': {},
  'fail.connectionRefused': {},
  'fail.unreachable': {},
  'fail.connectTimeout': {},
  'fail.lostAtOnce': {},
  'fail.connectFailed': {},
};

export const SCHEDULER: Cases<DialSchedulerEvent> = {
  'static.add': { target },
  'static.remove': { id: nodeId },
  'peer.added': { id: nodeId, direction: word() },
  'peer.removed': { id: nodeId, state: optional(word()) },
  'trusted.add': { id: nodeId },
  'trusted.remove': { id: nodeId },
  'inbound.pending': { id: nodeId },
  'inbound.completed': { id: nodeId },
  'dial.ended': { id: nodeId, resolution: optional(resolution), backOff: optional(backOff) },
  'backOff.over': { id: nodeId },
  'peer.settled': { id: nodeId },
  'history.expired': { id: nodeId },
  'resolve.allowed': { id: nodeId },
  turn: {},
  'candidate.wanted': {},
  'candidate.skipped': {},
  'statics.heldBack': { targets: list(target) },
  'statics.released': {},
  'candidate.found': { target },
  'candidate.invalid': { detail: text },
  'candidates.ended': {},
  'candidates.failed': { message: text },
  stop: {},
};

export const TASK: Cases<DialTaskEvent> = {
  'host.found': { address: host, others: optional(list(host)) },
  'host.notFound': { detail: text },
  'host.lookupFailed': { detail: text },
  'node.found': { host, port: number },
  'node.notFound': {},
  'socket.connected': { stream },
  'connect.refused': { detail: text },
  'connect.unreachable': { detail: text },
  'connect.lost': { detail: text },
  'connect.failed': { detail: text },
  ...MISSED,
  'setup.ended': { result: record<SetupResult>({ outcome: word(), state: word() }) },
  supersede: {},
  stop: {},
};
