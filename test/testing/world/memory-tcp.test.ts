import { afterEach, describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import type {
  SocketServerCommand,
  SocketServerEvent,
} from '../../../src/io/adapters/tcp-listener.ts';
import type { ByteStream } from '../../../src/io/link/byte-stream.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import type { Host } from '../../../src/testing/world/internet.ts';
import { MemoryTcp, type TcpHooks } from '../../../src/testing/world/memory-tcp.ts';
import { Nat } from '../../../src/testing/world/nat.ts';
import { A, B, smallInternet } from '../../support/small-internet.ts';

const AT_B: Endpoint = { host: B.address, port: 30_303 };

const running: { stop(): void }[] = [];
afterEach(() => {
  for (const actor of running.splice(0)) actor.stop();
});

function network(hooks: TcpHooks = {}) {
  const small = smallInternet();
  const tcp = new MemoryTcp(small.internet, small.random.fork('tcp'), hooks);
  /** A listener with its reports and a function that sends it commands. */
  const listen = (host: Host, port = AT_B.port) => {
    const events: SocketServerEvent[] = [];
    const root = createActor(
      setup({
        actors: { listener: tcp.portsOf(host).listener },
        actions: { note: ({ event }) => events.push(event as SocketServerEvent) },
      }).createMachine({
        invoke: { id: 'listener', src: 'listener', input: { host: host.address, port } },
        on: { '*': { actions: 'note' } },
      }),
    );
    running.push(root);
    root.start();
    return {
      events,
      send: (command: SocketServerCommand) => root.getSnapshot().children.listener?.send(command),
      stop: () => root.stop(),
    };
  };
  /** A dial with its result. */
  const dial = (from: Host, to: Endpoint) => {
    const events: string[] = [];
    const streams: ByteStream[] = [];
    const giveUp = tcp.dial(from, to, (event) => {
      events.push(event.type);
      if (event.type === 'socket.connected') streams.push(event.stream);
    });
    return { events, streams, giveUp };
  };
  return { ...small, tcp, listen, dial };
}

const typesOf = (events: readonly SocketServerEvent[]) => events.map(({ type }) => type);

const acceptedOf = (events: readonly SocketServerEvent[]) =>
  events.flatMap((event) => (event.type === 'socket.accepted' ? [event.stream] : []));

describe('a dial', () => {
  test('is connected after a round trip, and accepted one latency later', async () => {
    const { pass, listen, dial, tcp } = network();
    const { events } = listen(B);
    await pass(0);
    expect([typesOf(events), tcp.listening]).toEqual([['socket.bound'], ['45.0.2.1:30303']]);
    const dialled = dial(A, AT_B);
    await pass(19);
    expect(dialled.events).toEqual([]);
    await pass(1);
    expect([dialled.events, acceptedOf(events)]).toEqual([['socket.connected'], []]);
    await pass(10);
    const [near, far] = [dialled.streams[0]!, acceptedOf(events)[0]!];
    expect(near.remote).toEqual(AT_B);
    expect(far.local).toEqual(AT_B);
    expect(far.remote).toEqual(near.local);
    expect(near.local.host).toBe(A.address);
    for (const { destroy } of [near, far]) destroy();
  });

  test('to a port without a listener is refused', async () => {
    const { pass, dial } = network();
    const { events } = dial(A, AT_B);
    await pass(19);
    expect(events).toEqual([]);
    await pass(1);
    expect(events).toEqual(['connect.refused']);
  });

  test('to an unused address is not answered', async () => {
    const { pass, dial, clock } = network();
    const { events } = dial(A, { host: '45.0.77.1', port: 1 });
    await pass(60_000);
    expect([events, clock.pending]).toEqual([[], 0]);
  });

  test('to an address without a route is unreachable', async () => {
    const { pass, dial, internet } = network();
    internet.setUnreachable(B.address);
    const { events } = dial(A, AT_B);
    expect(events).toEqual([]);
    await pass(0);
    expect(events).toEqual(['connect.unreachable']);
  });

  test.for([0, 5, 15])('that is cancelled after %i ms is never accepted', async (ms) => {
    const { pass, dial, clock, tcp, listen } = network();
    listen(B);
    const { events, giveUp } = dial(A, AT_B);
    await pass(ms);
    giveUp();
    await pass(1_000);
    expect([events, tcp.connections.size, clock.pending]).toEqual([[], 0, 0]);
  });

  test('across a partition waits until it ends', async () => {
    const { pass, dial, internet, listen } = network();
    listen(B);
    internet.partition([[A.address]]);
    const { events, streams } = dial(A, AT_B);
    await pass(5_000);
    expect(events).toEqual([]);
    internet.heal();
    await pass(20);
    expect(events).toEqual(['socket.connected']);
    streams[0]!.destroy();
  });

  test('to a listener that closes meanwhile is connected and then closed', async () => {
    const { pass, dial, listen, tcp } = network();
    const { send, events } = listen(B);
    const { streams } = dial(A, AT_B);
    await pass(20);
    send({ type: 'close' });
    streams[0]!.duplex.resume();
    await pass(100);
    expect(typesOf(events)).toEqual(['socket.bound', 'socket.closed']);
    expect([streams[0]!.duplex.destroyed, tcp.connections.size]).toEqual([true, 0]);
  });
});

describe('a listener', () => {
  test('cannot bind a port in use', async () => {
    const { pass, listen } = network();
    listen(B);
    const { events, stop } = listen(B);
    await pass(0);
    expect(events).toMatchObject([{ type: 'bind.failed', message: 'EADDRINUSE: 45.0.2.1:30303' }]);
    stop();
  });

  test('that failed to bind does not close the other listener', async () => {
    const { pass, listen, tcp } = network();
    listen(B);
    const { stop } = listen(B);
    await pass(0);
    stop();
    expect(tcp.listening).toEqual(['45.0.2.1:30303']);
  });

  test('gets a free port for port 0', async () => {
    const { pass, listen, tcp } = network();
    listen(B, 0);
    await pass(0);
    expect(tcp.listening).toEqual(['45.0.2.1:49152']);
  });

  test('that stops before it is bound is never bound', async () => {
    const { pass, listen, tcp } = network();
    const { events, stop } = listen(B);
    stop();
    await pass(0);
    expect([events, tcp.listening]).toEqual([[], []]);
  });

  test('is closed when its last accepted socket is', async () => {
    const { pass, listen, dial, tcp } = network();
    const { events, send } = listen(B);
    const { streams } = dial(A, AT_B);
    await pass(30);
    send({ type: 'close' });
    await pass(0);
    expect([tcp.listening, events.at(-1)!.type]).toEqual([[], 'socket.accepted']);
    acceptedOf(events)[0]!.destroy();
    await pass(0);
    expect(events.at(-1)!.type).toBe('socket.closed');
    streams[0]!.destroy();
  });

  test('does not report a connection that was reset before the accept, and closes', async () => {
    const { pass, listen, dial } = network({
      onConnection: (connection) => connection.cut('reset', 0, 'aToB'),
    });
    const { events, send } = listen(B);
    dial(A, AT_B);
    await pass(100);
    send({ type: 'close' });
    await pass(0);
    expect(typesOf(events)).toEqual(['socket.bound', 'socket.closed']);
  });

  test('destroys a stream on command, and reports injected events', async () => {
    const { pass, listen, dial, tcp } = network();
    const { events, send } = listen(B);
    const { streams } = dial(A, AT_B);
    await pass(30);
    send({ type: 'turn.away', stream: acceptedOf(events)[0]! });
    streams[0]!.duplex.resume();
    await pass(10);
    expect(tcp.connections.size).toBe(0);
    tcp.report(AT_B, { type: 'accept.failed', temporary: true, message: 'EMFILE' });
    expect(events.at(-1)).toMatchObject({ type: 'accept.failed', message: 'EMFILE' });
  });
});

describe('a host behind a NAT', () => {
  function behindNat() {
    const all = network();
    const nat = new Nat('45.0.9.1', 'fullCone', all.clock);
    const [inside, beside] = ['10.0.0.1', '10.0.0.2'].map((address) => {
      const host = { address, nat };
      all.internet.join(host);
      return host;
    });
    return { ...all, nat, inside: inside!, beside: beside! };
  }

  test('has the address of the NAT, and another port for each connection', async () => {
    const { pass, listen, dial, inside } = behindNat();
    const { events } = listen(B);
    const dials = [dial(inside, AT_B), dial(inside, AT_B)];
    await pass(30);
    const seen = acceptedOf(events).map(({ remote }) => remote);
    expect(seen.map(({ host }) => host)).toEqual(['45.0.9.1', '45.0.9.1']);
    expect(seen[0]!.port).not.toBe(seen[1]!.port);
    expect(dials[0]!.streams[0]!.local.host).toBe(inside.address);
    for (const { streams } of dials) streams[0]!.destroy();
  });

  test('cannot be dialled from outside, neither at its own address nor at that of the NAT', async () => {
    const { pass, listen, dial, inside, nat } = behindNat();
    listen(inside);
    const dials = [inside.address, nat.address].map((host) => dial(A, { host, port: 30_303 }));
    await pass(60_000);
    expect(dials.map(({ events }) => events)).toEqual([[], []]);
  });

  test('can be dialled from behind the same NAT, and sees the private address', async () => {
    const { pass, listen, dial, inside, beside } = behindNat();
    const { events } = listen(inside);
    const { streams } = dial(beside, { host: inside.address, port: 30_303 });
    await pass(30);
    expect(acceptedOf(events)[0]!.remote.host).toBe(beside.address);
    streams[0]!.destroy();
  });
});

test('a test can listen without a server, once at each endpoint, until it stops', async () => {
  const { tcp, pass, dial, listen } = network();
  const accepted: ByteStream[] = [];
  const stop = tcp.listen(B, AT_B.port, (stream) => accepted.push(stream));
  expect(() => tcp.listen(B, AT_B.port, () => {})).toThrow('45.0.2.1:30303');
  const { streams } = dial(A, AT_B);
  await pass(100);
  expect(accepted[0]!.remote).toEqual(streams[0]!.local);
  stop();
  expect(tcp.listening).toEqual([]);
  listen(B);
  await pass(0);
  stop(); // another listener has the endpoint now
  expect(tcp.listening).toEqual(['45.0.2.1:30303']);
  for (const { destroy } of [...streams, ...accepted]) destroy();
});

test('hooks get each connection before its ends are handed out, and each chunk with number and direction', async () => {
  const heard: string[] = [];
  const { pass, listen, dial } = network({
    onConnection: ({ number, from, to }) =>
      heard.push(`${number}: ${from.address} to ${to.address}`),
    onDelivered: (label, piece) => heard.push(`${label} ${piece?.length ?? 'end'}`),
  });
  const { events } = listen(B);
  const { streams } = dial(A, AT_B);
  await pass(30);
  acceptedOf(events)[0]!.duplex.resume().write('hi');
  streams[0]!.duplex.resume().end('hello');
  await pass(100);
  expect(heard[0]).toBe('1: 45.0.1.1 to 45.0.2.1');
  expect(heard.slice(1).sort()).toEqual(['1< 2', '1< end', '1> 5', '1> end']);
});
