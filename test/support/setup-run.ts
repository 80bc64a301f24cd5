/** A connection-setup with a link and a run loop that only record, and the ways to its states. */
import type { LinkCommand, SetupLinkEvent } from '../../src/io/link/link-events.ts';
import type { Hello } from '../../src/io/wire/hello.ts';
import type { ConnectionSetupEvent, Direction } from '../../src/machines/connection/connection.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { fakeLink } from '../../src/testing/machine/fake-adapters.ts';
import { connectionSetupInput, fakeRunLoop } from '../../src/testing/machine/setup-input.ts';
import { runMachine } from './run-machine.ts';

/** They, as the enc handshake proves them. */
export const them = { publicKey: 'ab'.repeat(64), id: 'cd'.repeat(32) };

export const theirHello: Hello = {
  version: 5,
  client: 'test/1',
  capabilities: [{ name: 'eth', version: 69 }],
  listenPort: 0,
  publicKey: them.publicKey,
};

export const authQueued: SetupLinkEvent = { type: 'auth.queued' };
export const authReceived: SetupLinkEvent = { type: 'auth.received', ...them };
export const ackReceived: SetupLinkEvent = { type: 'ack.received', ...them };
export const helloReceived: SetupLinkEvent = { type: 'hello.received', hello: theirHello };
export const accept: ConnectionSetupEvent = { type: 'accept' };

/** One for each side of the enc handshake. */
export type Role = 'inbound' | 'static';
export const ROLES: readonly Role[] = ['inbound', 'static'];

/** States in which a connection waits, in the order in which each role passes them, and what each waits for. */
export const WAITS: Record<
  Role,
  readonly (readonly [state: string, event: ConnectionSetupEvent])[]
> = {
  inbound: [
    ['encHandshake.awaitingAuth', authQueued],
    ['encHandshake.awaitingTurn', authReceived],
    ['encHandshake.sendingAck', { type: 'ack.sent' }],
    ['postHandshakeCheckpoint', accept],
    ['protoHandshake', helloReceived],
    ['addPeerCheckpoint.asking', { type: 'hold' }],
    ['addPeerCheckpoint.held', accept],
  ],
  static: [
    ['encHandshake.sendingAuth', { type: 'auth.sent' }],
    ['encHandshake.awaitingAck', ackReceived],
    ['postHandshakeCheckpoint', accept],
    ['protoHandshake', helloReceived],
    ['addPeerCheckpoint.asking', { type: 'hold' }],
    ['addPeerCheckpoint.held', accept],
  ],
};

/** What an inbound connection holds. */
export const SLOT = 5;

export type SetupRun = ReturnType<typeof runSetup>;

/**
 * @param hasDestinationKey Whether an initiator knows the key of the node it dials.
 * @param onCommand Called with each command to the link; the link breaks when it throws.
 */
export function runSetup(
  direction: Direction,
  hasDestinationKey = true,
  onCommand?: (command: LinkCommand) => void,
) {
  const link = fakeLink(onCommand);
  const { ref, requests: asked, slots: proven } = fakeRunLoop(() => null);
  const run = runMachine(
    connectionSetupMachine.provide({ actors: { link: link.logic } }),
    connectionSetupInput({
      connectionId: '7',
      direction,
      slot: direction === 'inbound' ? SLOT : null,
      hasDestinationKey,
      runLoop: ref,
    }),
  );
  return { ...run, link, asked, proven };
}

/** Runs until it waits in `state`, of which some belong to one role only. */
export function runSetupTo(role: Role, state: string): SetupRun {
  const run = runSetup(role);
  for (const [wait, event] of WAITS[role]) {
    if (wait === state) return run;
    run.send(event);
  }
  throw new Error(`an ${role} connection never waits in ${state}`);
}
