import { describe, expect, test } from 'vitest';
import type { LinkCommand } from '../../../src/io/link/link-events.ts';
import { connectionSetupMachine } from '../../../src/machines/connection/connection-setup.ts';
import { UNUSED_LINK } from '../../../src/testing/machine/setup-input.ts';
import { runMachine } from '../../support/run-machine.ts';
import {
  accept,
  ackReceived,
  authQueued,
  authReceived,
  helloReceived,
  ROLES,
  type Role,
  runSetup,
  runSetupTo,
  SLOT,
  theirHello,
  them,
  WAITS,
} from '../../support/setup-run.ts';

const hello: LinkCommand[] = [{ type: 'send.hello' }, { type: 'await.hello' }];

const inboundKeys: LinkCommand[] = [
  { type: 'await.auth' },
  { type: 'process.auth' },
  { type: 'send.ack' },
];

/** What the link has been told by the time a connection waits in each state. */
const TOLD = {
  inbound: {
    'encHandshake.awaitingAuth': [{ type: 'await.auth' }],
    'encHandshake.awaitingTurn': [{ type: 'await.auth' }, { type: 'process.auth' }],
    'encHandshake.sendingAck': inboundKeys,
    postHandshakeCheckpoint: inboundKeys,
    protoHandshake: [...inboundKeys, ...hello],
    'addPeerCheckpoint.asking': [...inboundKeys, ...hello],
  },
  static: {
    'encHandshake.sendingAuth': [{ type: 'send.auth' }],
    'encHandshake.awaitingAck': [{ type: 'send.auth' }, { type: 'await.ack' }],
    postHandshakeCheckpoint: [{ type: 'send.auth' }, { type: 'await.ack' }],
    protoHandshake: [{ type: 'send.auth' }, { type: 'await.ack' }, ...hello],
    'addPeerCheckpoint.asking': [{ type: 'send.auth' }, { type: 'await.ack' }, ...hello],
  },
} satisfies Record<Role, Record<string, LinkCommand[]>>;

describe('a connection that becomes a peer', () => {
  for (const role of ROLES) {
    test(`${role}: waits in each state for one thing only`, () => {
      const run = runSetup(role);
      for (const [state, event] of WAITS[role]) {
        expect(run.state()).toBe(state);
        run.send(event);
      }
      expect(run.state()).toBe('admitted');
    });

    for (const [state, commands] of Object.entries(TOLD[role]))
      test(`${role}: has sent its link only the commands due in ${state}`, () => {
        expect(runSetupTo(role, state).link.commands).toEqual(commands);
      });

    test(`${role}: leaves its link open for the peer, and no timer behind`, () => {
      const run = runSetupTo(role, 'addPeerCheckpoint.asking');
      expect(run.link.live).toBe(1);
      run.send(accept);
      expect(run.link.live).toBe(0);
      expect(run.link.commands.at(-1)).toEqual({ type: 'await.hello' });
      expect(run.clock.pending).toBe(0);
      expect(run.output()).toEqual({
        outcome: 'admitted',
        state: 'admitted',
        ...them,
        hello: theirHello,
      });
    });
  }

  test('a dynamic dial takes the same way as a static one', () => {
    const run = runSetup('dynamic');
    run.send({ type: 'auth.sent' }, ackReceived, accept, helloReceived, accept);
    expect(run.state()).toBe('admitted');
    expect(run.asked[0]?.candidate.direction).toBe('dynamic');
  });

  test('an inbound one needs no key of theirs beforehand', () => {
    const run = runSetup('inbound', false);
    expect(run.state()).toBe('encHandshake.awaitingAuth');
    run.send(authQueued, authReceived);
    expect(run.state()).toBe('encHandshake.sendingAck');
  });

  test('the link it was given is the one it drives', () => {
    const { link } = runSetup('inbound');
    expect(link.inputs).toHaveLength(1);
    expect(link.inputs[0]).toBe(UNUSED_LINK);
  });

  test('what its link reports and what it is sent are the same thing', () => {
    const run = runSetup('inbound');
    run.link.report(authQueued);
    run.link.report(authReceived);
    run.link.report({ type: 'ack.sent' });
    expect(run.state()).toBe('postHandshakeCheckpoint');
  });
});

describe('the run loop', () => {
  for (const role of ROLES) {
    const candidate = {
      connectionId: '7',
      direction: role,
      id: them.id,
      subnet: '198.51.100.0/24',
    };

    test(`${role}: is asked about the proven key before any Hello`, () => {
      const run = runSetupTo(role, 'postHandshakeCheckpoint');
      expect(run.asked).toEqual([
        { type: 'checkpoint.postHandshake', candidate, replyTo: run.actor },
      ]);
      expect(run.link.commands).not.toContainEqual({ type: 'send.hello' });
    });

    test(`${role}: is asked again, with what they offer`, () => {
      const run = runSetupTo(role, 'addPeerCheckpoint.asking');
      const { capabilities } = theirHello;
      expect(run.asked.slice(1)).toEqual([
        { type: 'checkpoint.addPeer', candidate, capabilities, replyTo: run.actor },
      ]);
    });
  }

  test('is asked nothing during the enc handshake', () => {
    expect(runSetupTo('inbound', 'encHandshake.sendingAck').asked).toEqual([]);
    expect(runSetupTo('static', 'encHandshake.awaitingAck').asked).toEqual([]);
  });

  test('is asked the second time about the same node', () => {
    const run = runSetupTo('inbound', 'protoHandshake');
    const publicKey = '11'.repeat(64);
    run.send({ type: 'hello.received', hello: { ...theirHello, publicKey } });
    expect(run.trail).toContain('identityCheck');
    expect(run.asked).toHaveLength(1);
  });
});

describe('our Hello', () => {
  for (const role of ROLES)
    test(`${role}: is sent as soon as there is room, not after theirs`, () => {
      const run = runSetupTo(role, 'postHandshakeCheckpoint');
      const before = run.link.commands.length;
      run.send(accept);
      expect(run.state()).toBe('protoHandshake');
      expect(run.link.commands.slice(before)).toEqual(hello);
    });
});

test('without an adapter for its link it fails loudly, as an internal error', () => {
  const runLoop = runSetup('inbound').actor;
  const run = runMachine(connectionSetupMachine, {
    connectionId: '7',
    direction: 'inbound',
    remote: { host: '198.51.100.1', port: 30_303 },
    slot: 1,
    hasDestinationKey: false,
    subnet: null,
    link: UNUSED_LINK,
    runLoop,
  });
  expect(run.trail).toContain('failed.internalError');
  expect(run.output()?.state).toBe('failed.internalError');
});

describe('R1: a slot', () => {
  test('cannot be replaced once a whole auth came, before its turn, which is reported once', () => {
    const run = runSetup('inbound');
    expect(run.proven).toEqual([]);
    run.send(authQueued);
    expect(run.proven).toEqual([SLOT]);
    for (const [, event] of WAITS.inbound.slice(1)) run.send(event);
    expect([run.state(), run.proven]).toEqual(['admitted', [SLOT]]);
  });

  test('is not held by a dial', () => {
    const run = runSetup('static');
    for (const [, event] of WAITS.static) run.send(event);
    expect([run.state(), run.proven]).toEqual(['admitted', []]);
  });

  for (const [state] of WAITS.inbound)
    test(`given to another connection ends this one at once, without a Disconnect, in ${state}`, () => {
      const run = runSetupTo('inbound', state);
      const before = run.link.commands.length;
      run.send({ type: 'make.room' });
      expect(run.output()).toMatchObject({ state: 'failed.replaced', facts: {} });
      expect(run.link.commands).toHaveLength(before);
      expect(run.clock.pending).toBe(0);
    });

  test('given to another connection ends the wait after our Disconnect, and keeps the reason', () => {
    const run = runSetupTo('inbound', 'protoHandshake');
    run.send({ type: 'reject.tooManyPeers', facts: {} }, { type: 'make.room' });
    expect(run.output()).toMatchObject({ state: 'rejected.tooManyPeers' });
  });
});
