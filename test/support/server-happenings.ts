/** What can happen around a server, by name: the script of a random run is a list of these. */
import { REDIAL_DELAY_MS } from '../../src/machines/dial-scheduler.ts';
import { neighbour } from './fake-doorman.ts';
import { type Outside, pick } from './server-outside.ts';
import { target } from './server-run.ts';
import { someStream } from './some-stream.ts';

/** One thing that happens outside; the numbers choose whom it happens to. */
export type Happening = readonly [what: (typeof HAPPENINGS)[number], a: number, b: number];

/** What drives things on is there several times: else most runs would be over before anything met. */
export const HAPPENINGS = [
  ...['call', 'call', 'call', 'prove', 'prove', 'prove', 'askRoom', 'askRoom', 'askRoom'],
  ...['askRoom', 'askRoom', 'askIn', 'askIn', 'askIn', 'askIn', 'askIn', 'endSetup', 'dropPeer'],
  ...['dialConnects', 'dialConnects', 'dialFails', 'keep', 'keep', 'remove', 'trust', 'distrust'],
  ...['wait', 'wait', 'loseSocket', 'bind', 'stop'],
] as const;

/** Nobody reads from it: a real one is made in a hundred times the time. */
const STREAM = someStream(1);

const IDS = ['a', 'b', 'x', 'y', 'friend', 'us'];
const WAITS_MS = [10, 500, 1_000, 5_000, 20_000, REDIAL_DELAY_MS];

export function happen(outside: Outside, [what, a, b]: Happening): void {
  const { books } = outside;
  const id = IDS[b % IDS.length]!;
  switch (what) {
    case 'call': {
      const stream = Object.freeze({ ...STREAM });
      const caller = {
        ...neighbour,
        at: outside.clock.now(),
        source: `192.0.2.${a % 9}`,
        isLan: b % 2 === 0,
      };
      outside.callers.set(stream, caller);
      if (outside.socket.live > 0) outside.socket.report({ type: 'socket.accepted', stream });
      return;
    }
    case 'prove': {
      const setup = pick(books.setups, a, ({ stage, slot }) => stage === 'silent' && slot !== null);
      if (!setup) return;
      setup.stage = 'proven';
      return outside.tell({ type: 'caller.proven', slot: setup.slot! });
    }
    case 'askRoom':
      return outside.askRoom(a, id);
    case 'askIn':
      return outside.askIn(a);
    case 'endSetup': {
      const setup = pick(books.setups, a);
      if (setup) outside.endSetup(setup.connectionId);
      return;
    }
    case 'dropPeer': {
      const connectionId = [...books.peers.keys()][a % Math.max(1, books.peers.size)];
      if (connectionId) outside.drop(connectionId);
      return;
    }
    case 'dialConnects': {
      const found = [...books.dials].filter(([, dial]) => dial.connectionId === null)[0];
      if (found) found[1].connectionId = outside.newSetup(found[1].direction, null, found[0]);
      return;
    }
    case 'dialFails': {
      const found = [...books.dials].filter(([, dial]) => dial.connectionId === null)[0];
      if (found) outside.endDial(found[0]);
      return;
    }
    case 'keep':
      books.forgetDial(id); // it may be dialled at once
      if (id !== 'us') outside.tell({ type: 'static.add', target: target(id) });
      return;
    case 'remove':
      books.forgetDial(id);
      return outside.tell({ type: 'peer.remove', id });
    case 'trust':
      if (!outside.isStopping) outside.trusted.add(id);
      return outside.tell({ type: 'trusted.add', id });
    case 'distrust':
      if (!outside.isStopping) outside.trusted.delete(id);
      return outside.tell({ type: 'trusted.remove', id });
    case 'wait':
      return outside.clock.advance(WAITS_MS[a % WAITS_MS.length]!);
    case 'loseSocket':
      if (a % 4 !== 0 || outside.socket.live === 0) return;
      books.seen.lost += 1;
      outside.socket.report({ type: 'socket.closed' });
      return;
    case 'bind':
      if (outside.socket.inputs.length > outside.binds && outside.socket.live > 0) outside.bind();
      return;
    case 'stop':
      if (a % 16 === 0) outside.stop();
  }
}
