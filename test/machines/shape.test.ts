/** What every chart must look like. Charts are found by reading the directory, so a new one is checked as well. */

import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
  fromCallback,
  StateMachine,
} from 'xstate';
import type { SetupLinkEvent } from '../../src/io/link/link-events.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { DIAL_FAILURES } from '../../src/machines/dialing/dial-failures.ts';
import { dialTaskMachine } from '../../src/machines/dialing/dial-task.ts';
import {
  discv5SessionMachine,
  SESSION_ENDINGS,
} from '../../src/machines/discovery/discv5-session.ts';
import {
  endpointProofMachine,
  PROOF_FAILURES,
} from '../../src/machines/discovery/endpoint-proof.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../src/machines/peer/peer-endings.ts';
import { UNUSED_LINK } from '../../src/testing/machine/setup-input.ts';
import { dialInput } from '../support/dial-input.ts';
import { localNodeInput } from '../support/local-node-run.ts';
import { lookupInput } from '../support/lookup-run.ts';
import { PEER_LINK_EVENTS } from '../support/peer-run.ts';
import { runChild } from '../support/run-machine.ts';
import { asked, serverInput, target } from '../support/server-run.ts';
import { runSetup } from '../support/setup-run.ts';
import { sourcesIn } from '../support/sources-in.ts';
import { tableInput } from '../support/table-run.ts';

const directory = new URL('../../src/machines/', import.meta.url);

const machines: readonly (readonly [file: string, machine: AnyStateMachine])[] = (
  await Promise.all(
    sourcesIn(directory).map(async (file) => {
      const exported: object = await import(new URL(file, directory).href);
      return Object.values(exported)
        .filter((value) => value instanceof StateMachine)
        .map((machine): [string, AnyStateMachine] => [basename(file, '.ts'), machine]);
    }),
  )
).flat();

/** A new machine needs a line here: what it starts with. */
const INPUTS: Record<string, () => unknown> = {
  'connection-setup': () => ({
    connectionId: '1',
    direction: 'inbound',
    slot: 1,
    hasDestinationKey: false,
    link: UNUSED_LINK,
    runLoop: runSetup('inbound').actor,
  }),
  crawl: () => ({ parallel: 2, visitIntervalMs: 20, emptyPolls: 3, maxMs: 60_000 }),
  'dial-scheduler': () => dialInput({ hasCandidates: true }),
  'dial-task': () => ({
    target: target('a'),
    direction: 'static',
    mayResolve: true,
    isInNetRestrict: () => true,
  }),
  'bootnode-name': () => ({ host: 'boot.example' }),
  'discv5-session': () => ({
    target: {
      id: 'ab',
      endpoint: { host: '192.0.2.1', port: 30303 },
      role: 'initiator',
      number: 1,
    },
    cause: 'request',
  }),
  'dns-tree': () => ({ url: 'enrtree://KEY@nodes.example.org' }),
  'endpoint-proof': () => ({ target: { id: 'ab', host: '192.0.2.1', udpPort: 30303 } }),
  'eth-session': () => ({ protocol: 'eth/69', ours: {} }),
  listener: () => ({ address: asked, slots: 1 }),
  'local-node': () => localNodeInput(),
  lookup: () => lookupInput(),
  node: () => ({ services: 1, apis: 1 }),
  peer: () => ({ connectionId: '1', link: UNUSED_LINK, runs: [] }),
  protocol: () => ({ protocol: 'eth/69', run: async () => {} }),
  server: () => serverInput(),
  'port-mapper': () => ({ mechanism: 'any' }),
  'table-maintenance': () => tableInput(),
};

test('there are charts to check', () => {
  expect(machines.map(([file]) => file)).toEqual(expect.arrayContaining(Object.keys(INPUTS)));
});

for (const [file, machine] of machines)
  describe(machine.id, () => {
    const states = statesUnder(machine.root);
    const leaves = states.filter(({ type }) => type === 'atomic');

    test('is named after its file', () => expect(machine.id).toBe(file));

    test('every delay has a name and a length', () => {
      const delays = [machine.root, ...states].flatMap(({ config }) =>
        Object.keys(config.after ?? {}),
      );
      const { context } = createActor(machine, { input: INPUTS[file]!() }).getSnapshot();
      const lengths = delays.map((delay) => {
        const given: unknown = machine.implementations.delays[delay];
        return [
          delay,
          typeof given === 'function' ? given({ context, event: { type: 'any' } }) : given,
        ];
      });
      expect(lengths.filter(([, ms]) => !Number.isFinite(ms) || ms <= 0)).toEqual([]);
    });

    test('every state that waits has a time limit, or says that it has none', () => {
      const endless = leaves.filter(
        (leaf) => !lineage(leaf).some(hasTimeLimit) && !leaf.tags.includes('unbounded'),
      );
      expect(endless.map(pathOf)).toEqual([]);
    });

    test('a state without a time limit has another way out', () => {
      const trapped = states.filter(
        (state) => state.tags.includes('unbounded') && !lineage(state).some(canBeLeft),
      );
      expect(trapped.map(pathOf)).toEqual([]);
    });

    test('a state with a time limit does not say that it has none', () => {
      const wrong = leaves.filter(
        (leaf) => leaf.tags.includes('unbounded') && lineage(leaf).some(hasTimeLimit),
      );
      expect(wrong.map(pathOf)).toEqual([]);
    });

    test('every state that is not left at once has a description', () => {
      const bare = states.filter((state) => !isTransient(state) && !state.description);
      expect(bare.map(pathOf)).toEqual([]);
    });

    test('every arrow leads to a state of this chart', () => {
      const known = new Set<unknown>([machine.root, ...states]);
      for (const state of [machine.root, ...states]) {
        const targets = arrowsOf(state).flatMap((arrow) => arrow.target ?? []);
        expect(targets.filter((aim) => !known.has(aim)).map(pathOf)).toEqual([]);
      }
    });

    test('every compound state begins in one of its own', () => {
      for (const state of [machine.root, ...states].filter(({ type }) => type === 'compound'))
        expect(state.initial.target?.map(({ parent }) => parent)).toEqual([state]);
    });

    test('starts with dead adapters', () => {
      const dead = fromCallback(() => {});
      const actors = Object.keys(machine.implementations.actors).map((name) => [name, dead]);
      const input = INPUTS[machine.id];
      expect(input, `no input is known for ${machine.id}`).toBeDefined();
      const run = runChild(
        machine.provide({ actors: Object.fromEntries(actors) }) as AnyStateMachine,
        input?.(),
      );
      expect(run.isOver()).toBe(false);
    });
  });

describe('reports of a link', () => {
  const setupEvents = {
    'auth.sent': true,
    'auth.queued': true,
    'handshakes.full': true,
    'auth.received': true,
    'ack.sent': true,
    'ack.received': true,
    'hello.received': true,
    'message.unexpected': true,
    'disconnect.received': true,
    'link.garbled': true,
    'link.stalled': true,
    'link.closed': true,
    'link.faulted': true,
  } as const satisfies Record<SetupLinkEvent['type'], true>;

  const atRoot = ({ root }: AnyStateMachine): string[] => [...root.transitions.keys()];

  test('are all handled at the root of connection-setup', () => {
    const types = Object.keys(setupEvents);
    expect(atRoot(connectionSetupMachine)).toEqual(expect.arrayContaining(types));
  });

  test('are all handled at the root of peer', () => {
    const types = Object.keys(PEER_LINK_EVENTS);
    expect(atRoot(peerMachine)).toEqual(expect.arrayContaining(types));
  });
});

describe('one reason is one state and one event', () => {
  const tables: [AnyStateMachine, path: string, prefix: string, table: object][] = [
    [connectionSetupMachine, 'rejected', 'reject', REJECTIONS],
    [connectionSetupMachine, 'refused', 'refuse', REFUSALS],
    [connectionSetupMachine, 'failed', 'fail', FAILURES],
    [peerMachine, 'ending.rejected', 'reject', PEER_REJECTIONS],
    [peerMachine, 'ending.refused', 'refuse', PEER_REFUSALS],
    [peerMachine, 'ending.failed', 'fail', PEER_FAILURES],
  ];
  for (const [machine, path, prefix, table] of tables)
    test(`${machine.id}: ${path}`, () => {
      const reasons = Object.keys(table);
      const parent = statesUnder(machine.root).find((state) => pathOf(state) === path);
      expect(Object.keys(parent?.states ?? {})).toEqual(reasons);
      const events = machine.root.ownEvents.filter((type) => type.startsWith(`${prefix}.`));
      expect(events).toEqual(reasons.map((reason) => `${prefix}.${reason}`));
      for (const reason of reasons) {
        const arrows = machine.root.transitions.get(`${prefix}.${reason}`) ?? [];
        expect(arrows.flatMap((arrow) => arrow.target ?? []).map(pathOf)).toEqual([
          `${path}.${reason}`,
        ]);
      }
    });

  test('dial-task: each outcome is a final state', () => {
    const finals = statesUnder(dialTaskMachine.root).filter(({ type }) => type === 'final');
    expect(finals.map(pathOf).sort()).toEqual(['done', ...Object.keys(DIAL_FAILURES)].sort());
  });

  test('endpoint-proof: each outcome is a final state', () => {
    const finals = statesUnder(endpointProofMachine.root).filter(({ type }) => type === 'final');
    const outcomes = ['proven', ...Object.keys(PROOF_FAILURES)];
    expect(finals.map(pathOf).sort()).toEqual(outcomes.sort());
  });

  test('discv5-session: each outcome is a final state', () => {
    const finals = statesUnder(discv5SessionMachine.root).filter(({ type }) => type === 'final');
    expect(finals.map(pathOf).sort()).toEqual(Object.keys(SESSION_ENDINGS).sort());
  });

  test('each has a sentence about the cause and a remedy', () => {
    const tables = [REJECTIONS, REFUSALS, FAILURES, PEER_REJECTIONS, PEER_REFUSALS, PEER_FAILURES];
    for (const table of [...tables, DIAL_FAILURES, PROOF_FAILURES, SESSION_ENDINGS])
      for (const { sentence, remedy } of Object.values(table))
        for (const words of [sentence, remedy]) expect(words).toMatch(/^[A-Z].+[.?]$/);
  });
});

function statesUnder(node: AnyStateNode): AnyStateNode[] {
  const children: AnyStateNode[] = Object.values(node.states);
  return children.flatMap((child) => [child, ...statesUnder(child)]);
}

/** A state and everything around it. */
function lineage(state: AnyStateNode): AnyStateNode[] {
  return state.parent ? [state, ...lineage(state.parent)] : [state];
}

function pathOf(state: AnyStateNode): string {
  return state.path.join('.');
}

function arrowsOf(state: AnyStateNode) {
  return [...state.transitions.values(), state.always ?? []].flat();
}

/** Left in the very step in which it is entered. */
function isTransient(state: AnyStateNode): boolean {
  return (state.always ?? []).some(({ guard }) => guard === undefined);
}

function hasTimeLimit(state: AnyStateNode): boolean {
  return isTransient(state) || Object.keys(state.config.after ?? {}).length > 0;
}

/** By an event, or, of parallel regions, by an arrow of another region that leaves all of them. */
function canBeLeft(state: AnyStateNode): boolean {
  return hasEventExit(state) || (state.type === 'parallel' && statesUnder(state).some(leaves));

  function leaves(inner: AnyStateNode): boolean {
    const targets = [...inner.transitions.values()].flat().flatMap(({ target }) => target ?? []);
    return targets.some((target) => !lineage(target).includes(state));
  }
}

function hasEventExit(state: AnyStateNode): boolean {
  return [...state.transitions.values()].flat().some(({ target }) => target !== undefined);
}
