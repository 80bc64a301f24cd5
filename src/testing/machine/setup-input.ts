/** What a connection-setup alone is started with: a run loop that answers its checkpoints, and a complete input. */
import { type AnyActorRef, createActor } from 'xstate';
import type { Link } from '../../io/link/link.ts';
import type {
  AuthArrived,
  CheckpointReply,
  CheckpointRequest,
  ConnectionSetupInput,
} from '../../machines/connection/connection.ts';
import { FakeActor } from './fake-actor.ts';

export type FakeRunLoop = {
  /** For `runLoop` of the input. */
  readonly ref: AnyActorRef;
  /** Checkpoints that asked, in order. */
  readonly requests: readonly CheckpointRequest[];
  /** Slots of connections that sent a whole auth, in order. */
  readonly slots: readonly number[];
};

/**
 * The run loop of the server, as connection setups see it.
 *
 * @param answer The reply to each request of a checkpoint, sent at once; null for none. Accepts all unless given.
 */
export function fakeRunLoop(
  answer: (request: CheckpointRequest) => CheckpointReply | null = () => ({ type: 'accept' }),
): FakeRunLoop {
  const requests: CheckpointRequest[] = [];
  const slots: number[] = [];
  const { logic } = new FakeActor<CheckpointRequest | AuthArrived, never, undefined>((event) => {
    if (event.type === 'auth.arrived') return void slots.push(event.slot);
    requests.push(event);
    const reply = answer(event);
    if (reply) event.replyTo.send(reply);
  });
  return { ref: createActor(logic, { input: undefined }).start(), requests, slots };
}

/**
 * The input of a `connectionSetupMachine` whose link is a fake.
 *
 * @param given What matters to the test. The rest: an inbound connection from 198.51.100.1 that holds slot 0, and a
 * run loop that accepts.
 */
export const connectionSetupInput = (
  given: Partial<ConnectionSetupInput> = {},
): ConnectionSetupInput => ({
  connectionId: '1',
  direction: 'inbound',
  remote: { host: '198.51.100.1', port: 30_303 },
  slot: (given.direction ?? 'inbound') === 'inbound' ? 0 : null,
  hasDestinationKey: true,
  subnet: '198.51.100.0/24',
  link: UNUSED_LINK,
  runLoop: given.runLoop ?? fakeRunLoop().ref,
  ...given,
});

/** The machine only hands it to its link actor, and a fake one does not use it. */
export const UNUSED_LINK: Link = Object.create(null);
