/**
 * Everything around a server machine, played by a script: callers, handshakes, dials and peers. The listener and the
 * dial scheduler are the real ones. After every step it is compared with the books.
 */
import { type AnyActorRef, createActor, fromCallback, type InspectionEvent } from 'xstate';

import type { ByteStream, Endpoint } from '../../src/io/actors/byte-stream.ts';
import type { Caller } from '../../src/io/actors/doorman.ts';
import type { LocalNodeEvent } from '../../src/io/actors/local-node.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/actors/tcp-listener.ts';
import type {
  Candidate,
  CheckpointReply,
  CheckpointReplyRef,
  Direction,
} from '../../src/machines/connection.ts';
import { dialSchedulerMachine } from '../../src/machines/dial-scheduler.ts';
import { listenerMachine } from '../../src/machines/listener.ts';
import { GIVE_UP_TIMEOUT_MS, serverMachine } from '../../src/machines/server.ts';
import type { ServerEmitted, ServerMachineEvent } from '../../src/machines/server-events.ts';
import { dialInput } from './dial-input.ts';
import { FakeActor } from './fake-actor.ts';
import { fakeDoorman } from './fake-doorman.ts';
import { LIMITS, ServerBooks, type Setup } from './server-books.ts';
import { address, ending, eth, serverInput } from './server-run.ts';
import { StepClock } from './step-clock.ts';

export class Outside {
  readonly books = new ServerBooks();
  readonly clock = new StepClock();
  readonly socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>();
  readonly #localNode = new FakeActor<object & { type: string }, LocalNodeEvent, unknown>();
  readonly callers = new WeakMap<ByteStream, Caller>();
  readonly trusted = new Set(['friend']);
  #connections = 0;
  /** Lives of the socket that were told that they are bound, or are over. */
  binds = 0;
  isStopping = false;
  readonly server;

  constructor() {
    const machine = serverMachine.provide({
      actors: {
        localNode: this.#localNode.logic,
        listener: listenerMachine.provide({
          actors: {
            socketServer: this.socket.logic,
            doorman: fakeDoorman(this.callers).logic,
          },
        }),
        dialScheduler: dialSchedulerMachine.provide({
          actors: { candidates: fromCallback(() => {}) },
        }),
      },
    });
    const { maxPeers, maxInbound, slots, maxDialed, maxActive } = LIMITS;
    this.server = createActor(machine, {
      clock: this.clock,
      inspect: this.#inspect,
      input: serverInput({
        rules: {
          self: 'us',
          maxPeers,
          maxInbound,
          maxPerSubnet: 3,
          isStaticExempt: false,
          capabilities: [eth],
        },
        slots,
        dial: dialInput({ rules: { maxDialed, maxActive } }),
      }),
    });
    this.server.on('*', (event) => this.#hear(event));
    this.server.subscribe({ error: (error) => this.books.complain(`the server broke: ${error}`) });
    this.server.start();
    this.server.send({ type: 'start' });
    this.#localNode.report({ type: 'localNode.ready' });
    this.bind();
  }

  askRoom(a: number, id: string): void {
    const setup = pick(this.books.setups, a, ({ stage, slot }) =>
      slot === null ? stage === 'silent' : stage === 'proven',
    );
    if (!setup) return;
    const named = { ...setup, id: setup.id || id };
    this.books.setups.set(setup.connectionId, named);
    const replyTo = replies((reply) => {
      if (reply.type === 'accept') named.stage = 'hello';
      else this.endSetup(named.connectionId);
    });
    this.tell({ type: 'checkpoint.postHandshake', candidate: candidateOf(named), replyTo });
  }

  askIn(a: number): void {
    const setup = pick(this.books.setups, a, ({ stage }) => stage === 'hello');
    if (!setup) return;
    setup.stage = 'asked';
    let answers = 0;
    const replyTo = replies((reply) => {
      if (reply.type === 'hold') {
        this.books.seen.held += 1;
        return;
      }
      answers += 1;
      if (answers > 1) this.books.complain('a checkpoint was answered twice');
      if (reply.type !== 'accept') return this.endSetup(setup.connectionId);
      this.#admit(setup);
    });
    this.tell({
      type: 'checkpoint.addPeer',
      candidate: candidateOf(setup),
      capabilities: [eth],
      replyTo,
    });
  }

  #admit(setup: Setup): void {
    const { connectionId, id, slot } = setup;
    this.books.admit(setup, this.trusted.has(id), this.server.getSnapshot());
    this.tell({ type: 'connection.ended', connectionId, slot });
    this.#endDialOf(connectionId);
  }

  endSetup(connectionId: string): void {
    const setup = this.books.setups.get(connectionId);
    if (!setup) return;
    this.books.setups.delete(connectionId);
    this.tell({ type: 'peer.dropped', connectionId, id: setup.id, ending });
    this.tell({ type: 'connection.ended', connectionId, slot: setup.slot });
    this.#endDialOf(connectionId);
  }

  #endDialOf(connectionId: string): void {
    for (const [id, dial] of this.books.dials)
      if (dial.connectionId === connectionId) this.endDial(id);
  }

  endDial(id: string): void {
    this.books.dials.delete(id);
    this.tell({ type: 'dial.ended', id });
  }

  drop(connectionId: string): void {
    const peer = this.books.peers.get(connectionId);
    if (peer) this.tell({ type: 'peer.dropped', connectionId, id: peer.id, ending });
  }

  newSetup(direction: Direction, slot: number | null, id: string): string {
    this.#connections += 1;
    const connectionId = String(this.#connections);
    this.books.setups.set(connectionId, {
      connectionId,
      direction,
      slot,
      id,
      subnet: null,
      stage: 'silent',
    });
    return connectionId;
  }

  /** As `Server` does: nobody talks to a server that is over. */
  tell(event: ServerMachineEvent): void {
    if (this.server.getSnapshot().status === 'active') this.server.send(event);
  }

  bind(): void {
    this.binds = this.socket.inputs.length;
    this.socket.report({ type: 'socket.bound', address });
  }

  stop(): void {
    this.isStopping = true;
    this.tell({ type: 'stop' });
  }

  #hear(event: ServerEmitted): void {
    switch (event.type) {
      case 'connection.accepted':
        this.newSetup('inbound', event.slot, '');
        return;
      case 'connection.replaced':
        this.books.seen.replaced += 1;
        for (const setup of this.books.setups.values())
          if (setup.slot === event.slot) this.endSetup(setup.connectionId);
        return;
      case 'dial.wanted':
        return this.books.launch(event.target.id, event.direction, this.clock.now());
      case 'dial.unwanted':
        return this.#cancel(event.id, event.why);
      case 'peer.removed':
        return this.books.remove(
          event.entry.connectionId,
          event.entry.id,
          this.server.getSnapshot(),
        );
      case 'pending.aborted':
        for (const id of [...this.books.setups.keys()]) this.endSetup(id);
        for (const id of [...this.books.dials.keys()]) this.endDial(id);
        return;
      case 'connections.destroyed':
        for (const id of [...this.books.peers.keys()]) this.drop(id);
        return;
      default:
    }
  }

  #cancel(id: string, why: 'connected' | 'removed' | 'stopping'): void {
    const dial = this.books.dials.get(id);
    if (!dial) return;
    const setup = dial.connectionId === null ? undefined : this.books.setups.get(dial.connectionId);
    this.books.seen.cancelled += 1;
    if (!setup) this.endDial(id);
    else if (why !== 'connected' || setup.stage === 'silent') this.endSetup(setup.connectionId);
  }

  /** Invariant 10: after the stop nothing is left, and every peer was dropped. */
  end(): void {
    if (!this.isStopping) this.stop();
    for (const connectionId of [...this.books.peers.keys()]) this.drop(connectionId);
    if (this.socket.live > 0) this.socket.report({ type: 'socket.closed' });
    this.clock.advance(GIVE_UP_TIMEOUT_MS);
    this.books.expect(this.server.getSnapshot().status, 'done', 'the server');
    this.books.expect(
      this.books.peers.size + this.books.setups.size + this.books.dials.size,
      0,
      'connections',
    );
    this.books.expect(this.clock.pending, 0, 'timers');
    this.books.expect(this.socket.live + this.#localNode.live, 0, 'adapters');
    this.books.settle('at the end');
  }

  readonly #inspect = (inspected: InspectionEvent): void => {
    if (inspected.type !== '@xstate.microstep') return;
    const { actorRef, event, _transitions: transitions } = inspected;
    if (transitions.length === 0 && !event.type.startsWith('xstate.'))
      this.books.complain(`no state of ${(actorRef as AnyActorRef).id} handles ${event.type}`);
  };
}

const candidateOf = ({ connectionId, direction, id, subnet }: Setup): Candidate => ({
  connectionId,
  direction,
  id,
  subnet,
});

/** One of those that fit, by any number. */
export function pick(
  setups: ReadonlyMap<string, Setup>,
  index: number,
  where: (setup: Setup) => boolean = () => true,
) {
  const fitting = [...setups.values()].filter(where);
  return fitting[index % Math.max(1, fitting.length)];
}

function replies(onReply: (reply: CheckpointReply) => void): CheckpointReplyRef {
  const logic = fromCallback<CheckpointReply>(({ receive }) => receive(onReply));
  return createActor(logic).start() as unknown as CheckpointReplyRef;
}
