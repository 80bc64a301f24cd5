/** Whatever a link reports, wherever it does: nothing goes unheard and nothing crashes. */
import { describe, expect, test } from 'vitest';

import type { LinkCommand, SetupLinkEvent } from '../../../src/io/link/link-events.ts';
import type {
  ConnectionSetupEvent,
  EndedSetup,
} from '../../../src/machines/connection/connection.ts';
import { FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import { REFUSALS, REJECTIONS } from '../../../src/machines/connection/connection-endings.ts';
import {
  ackReceived,
  authQueued,
  authReceived,
  helloReceived,
  ROLES,
  type Role,
  runSetup,
  runSetupTo,
  type SetupRun,
  WAITS,
} from '../../support/setup-run.ts';

/** One of each kind, and how a connection ends that did not wait for it. */
const EVENTS = {
  'auth.sent': [{ type: 'auth.sent' }, 'failed.internalError'],
  'auth.queued': [authQueued, 'failed.internalError'],
  'handshakes.full': [{ type: 'handshakes.full', waiting: 1 }, 'failed.internalError'],
  'auth.received': [authReceived, 'failed.internalError'],
  'ack.sent': [{ type: 'ack.sent' }, 'failed.internalError'],
  'ack.received': [ackReceived, 'failed.internalError'],
  'hello.received': [helloReceived, 'failed.internalError'],
  'message.unexpected': [{ type: 'message.unexpected', code: 16 }, 'rejected.unexpectedMessage'],
  'disconnect.received': [
    { type: 'disconnect.received', reason: 'requested', code: 0 },
    'refused.requested',
  ],
  'link.garbled': [
    { type: 'link.garbled', fault: 'badHeaderMac', detail: '' },
    'failed.badHeaderMac',
  ],
  'link.stalled': [{ type: 'link.stalled', unsentBytes: 1 }, 'failed.writeStalled'],
  'link.closed': [{ type: 'link.closed', how: 'reset', detail: '' }, 'failed.connectionReset'],
  'link.faulted': [{ type: 'link.faulted', message: '' }, 'failed.internalError'],
} as const satisfies Record<SetupLinkEvent['type'], readonly [SetupLinkEvent, string]>;

const events: readonly (readonly [SetupLinkEvent, string])[] = Object.values(EVENTS);

/** Only a connection that waits for its turn expects this report. */
const endingIn = (state: string, { type }: SetupLinkEvent, ending: string): string =>
  type === 'handshakes.full' && state === 'encHandshake.awaitingTurn'
    ? 'failed.serverBusy'
    : ending;

/** The three reports after which nothing more can come from a link. */
const LAST_WORDS: readonly string[] = ['link.closed', 'link.stalled', 'link.faulted'];

for (const role of ROLES)
  describe(`${role}: every report in every state that waits`, () => {
    WAITS[role].forEach(([state, awaited], index) => {
      for (const [event, ending] of events)
        test(`${event.type} in ${state}`, () => {
          const run = runSetupTo(role, state);
          run.link.report(event);
          const isAwaited = event.type === awaited.type;
          const end = endingIn(state, event, ending);
          expect(run.trail).toContain(isAwaited ? WAITS[role][index + 1]?.[0] : end);
          if (!isAwaited) run.clock.advance(FAREWELL_MS);
          if (!isAwaited) expect(run.output()?.state).toBe(end);
        });
    });
  });

describe('an ended connection stays ended', () => {
  const ended: [string, () => SetupRun][] = [
    ...(Object.keys(REJECTIONS) as (keyof typeof REJECTIONS)[]).map(
      (reason): [string, () => SetupRun] => [
        `rejected.${reason}`,
        () => endedBy({ type: `reject.${reason}`, facts: { first: true } }),
      ],
    ),
    ...(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]).map(
      (reason): [string, () => SetupRun] => [
        `refused.${reason}`,
        () => endedBy({ type: 'disconnect.received', reason, code: 1 }),
      ],
    ),
  ];
  const late: readonly ConnectionSetupEvent[] = [
    ...events.map(([event]) => event),
    { type: 'accept' },
    { type: 'hold' },
    { type: 'stop' },
    { type: 'supersede' },
    { type: 'cancel' },
    { type: 'reject.self', facts: { first: false } },
    { type: 'reject.tooManyPeers', facts: { first: false } },
  ];

  for (const [state, reach] of ended) {
    test(`${state}: late and repeated events change nothing`, () => {
      for (const event of late.filter(({ type }) => !LAST_WORDS.includes(type))) {
        const run = reach();
        const { facts } = run.actor.getSnapshot().context.ending as EndedSetup;
        const commands = [...run.link.commands];
        run.send(event, event);
        expect(run.state()).toBe(state);
        run.clock.advance(FAREWELL_MS);
        expect(run.output()).toMatchObject({ state, facts });
        expect(run.link.commands).toEqual(commands);
      }
    });

    test(`${state}: the end of the link ends the wait and keeps the reason`, () => {
      for (const event of late.filter(({ type }) => LAST_WORDS.includes(type))) {
        const run = reach();
        const { facts } = run.actor.getSnapshot().context.ending as EndedSetup;
        run.send(event);
        expect(run.isOver()).toBe(true);
        expect(run.output()).toMatchObject({ state, facts });
        expect(run.clock.pending).toBe(0);
      }
    });
  }

  test('a link that breaks while our Disconnect is sent does not change the reason', () => {
    const run = runSetup('inbound', true, ({ type }) => {
      if (type === 'send.disconnect') throw new Error('broken on purpose');
    });
    run.send({ type: 'reject.tooManyPeers', facts: {} });
    run.clock.advance(FAREWELL_MS);
    expect(run.output()?.state).toBe('rejected.tooManyPeers');
  });

  test('reports of the link are ignored after the end', () => {
    const run = runSetup('inbound');
    run.send({ type: 'stop' });
    const output = run.output();
    run.link.report(authReceived);
    expect(run.output()).toBe(output);
    expect(run.link.commands).toEqual([{ type: 'await.auth' }]);
  });
});

describe('stop', () => {
  const states = ROLES.flatMap((role) =>
    WAITS[role].map(([state]): [Role, string] => [role, state]),
  );
  for (const [role, state] of states) {
    const isEarly = state.startsWith('encHandshake');
    const told = isEarly ? 'says nothing, for lack of a session' : 'says "client quitting"';
    test(`quirk ${isEarly ? 7 : 28}: ${role}: in ${state} it ${told}`, () => {
      const run = runSetupTo(role, state);
      const before = run.link.commands.length;
      run.send({ type: 'stop' });
      run.clock.advance(FAREWELL_MS);
      expect(run.output()?.state).toBe(isEarly ? 'failed.aborted' : 'rejected.serverStopped');
      expect(run.link.commands.slice(before)).toEqual(
        isEarly ? [] : [{ type: 'send.disconnect', reason: 'clientQuitting' }],
      );
      expect(run.clock.pending).toBe(0);
    });
  }
});

describe('the wait after a Disconnect of theirs', () => {
  const refused = (onCommand?: (command: LinkCommand) => void): SetupRun => {
    const run = runSetup('inbound', true, onCommand);
    run.send({ type: 'disconnect.received', reason: 'requested', code: 0 });
    return run;
  };

  test('ends when its link breaks, which does not change the reason', () => {
    const run = refused(({ type }) => {
      if (type === 'hang.up') throw new Error('broken on purpose');
    });
    expect(run.output()).toMatchObject({ outcome: 'refused', state: 'refused.requested' });
    expect(run.clock.pending).toBe(0);
  });

  test('R1: ends when its slot is given to another connection', () => {
    const run = refused();
    expect(run.state()).toBe('refused.requested');
    run.send({ type: 'make.room' });
    expect(run.output()?.state).toBe('refused.requested');
  });
});

describe('a node that is removed', () => {
  for (const [state] of WAITS.static) {
    const isEarly = state.startsWith('encHandshake');
    test(`in ${state} it ${isEarly ? 'gets nothing, for lack of a session' : 'gets the reason'}`, () => {
      const run = runSetupTo('static', state);
      const before = run.link.commands.length;
      run.send({ type: 'cancel' });
      run.clock.advance(FAREWELL_MS);
      expect(run.output()?.state).toBe(isEarly ? 'failed.aborted' : 'rejected.nodeRemoved');
      expect(run.link.commands.slice(before)).toEqual(
        isEarly ? [] : [{ type: 'send.disconnect', reason: 'requested' }],
      );
    });
  }
});

describe('another connection to the same node that was faster', () => {
  for (const [state] of WAITS.static) {
    const isEarly = state.startsWith('encHandshake');
    test(`in ${state} it ${isEarly ? 'ends this one' : 'changes nothing'}`, () => {
      const run = runSetupTo('static', state);
      const before = run.link.commands.length;
      run.send({ type: 'supersede' });
      expect(run.link.commands).toHaveLength(before);
      if (!isEarly) expect(run.state()).toBe(state);
      else
        expect(run.output()).toMatchObject({
          state: 'failed.aborted',
          facts: { why: 'alreadyConnected' },
        });
    });
  }
});

function endedBy(event: ConnectionSetupEvent): SetupRun {
  const run = runSetupTo('inbound', 'protoHandshake');
  run.send(event);
  return run;
}
