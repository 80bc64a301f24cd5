import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Lifecycle } from '../src/actors/lifecycle.ts';
import { statePath } from '../src/actors/state-path.ts';
import { NodeError } from '../src/api/node-error.ts';
import { Recorder } from '../src/inspect/recorder/recorder.ts';
import { generateNodeKey } from '../src/io/crypto/node-key.ts';
import { systemClock } from '../src/io/process/clock.ts';
import { SERVICE_START_TIMEOUT_MS } from '../src/machines/node/node.ts';
import type { ApiFactory, NodeOptions, Service } from '../src/node/node-options.ts';
import { Node } from '../src/node.ts';
import { echo } from '../src/protocols/echo.ts';
import { scratch } from './cli/scratch.ts';
import { ABOUT } from './support/inspected-actors.ts';
import { freePort, listenOnLoopback } from './support/loopback.ts';
import { StepClock } from './support/step-clock.ts';
import { turns } from './support/turn.ts';

const listen = { host: '127.0.0.1', port: 0 };

/** Notes the start and the end of each part, and fails where the test wants it. */
function noting(failing: string | null = null) {
  const log: string[] = [];
  const note = (what: string): void => {
    log.push(what);
    if (what === failing) throw new Error(`no ${what}`);
  };
  const service = (key: string) => (): Service => {
    note(`make ${key}`);
    return {
      key,
      start: () => note(`start ${key}`),
      stop: () => note(`stop ${key}`),
    };
  };
  const api =
    (name: string): ApiFactory =>
    async () => {
      note(`open ${name}`);
      return { [Symbol.asyncDispose]: async () => note(`close ${name}`) };
    };
  const options: NodeOptions = {
    server: { listen },
    services: [service('a'), service('b')],
    apis: [api('x'), api('y')],
    onServer: (server) => {
      note('attach');
      server.actor.on('started', () => log.push('server started'));
      server.actor.on('stopped', () => log.push('server stopped'));
    },
  };
  return { log, options };
}

const errorOf = (attempt: Promise<unknown>): Promise<NodeError> =>
  attempt.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(NodeError);
      return error as NodeError;
    },
  );

/** Until it is at this step of its start. */
async function untilState(node: Node, starting: 'startingServices'): Promise<void> {
  while (!node.actor.getSnapshot().matches({ active: { starting } })) await turns(1);
}

describe('a node', () => {
  test('starts its parts in order, stops them in reverse, and does so again', async () => {
    const { log, options } = noting();
    await using node = new Node({ ...options, datadir: await scratch() });
    const started = ['make a', 'make b', 'attach', 'server started'];
    const running = ['start a', 'start b', 'open x', 'open y'];
    const stopped = ['close y', 'close x', 'stop b', 'stop a', 'server stopped'];
    for (let run = 0; run < 2; run += 1) {
      log.length = 0;
      await node.start();
      expect(log).toEqual([...started, ...running]);
      await node.stop();
      expect(log).toEqual([...started, ...running, ...stopped]);
      expect(node.server).toBeNull();
    }
  });

  test('keeps its key, locks its directory while it runs, and unlocks it', async () => {
    const datadir = join(await scratch(), 'new');
    const first = new Node({ datadir, server: { listen } });
    await first.start();
    const { id } = first.server!.self;
    const second = new Node({ datadir, server: { listen } });
    const error = await errorOf(second.start());
    expect(error.kind).toBe('inUse');
    expect(error.message).toBe(`${datadir} is in use by process ${process.pid}`);
    await first.stop();
    await second.start();
    expect(second.server!.self.id).toBe(id);
    await second.stop();
    expect(await readdir(join(datadir, 'LOCK'))).toEqual([]);
    expect((await readdir(datadir)).sort()).toEqual(['LOCK', 'nodekey', 'nodes']);
  });

  test('reads the lists of nodes of its directory, unless the options have them', async () => {
    const datadir = await scratch();
    const enode = (id: string) => `enode://${id.repeat(64)}@192.0.2.1:30303`;
    const { publicKey } = generateNodeKey();
    const id = Buffer.from(publicKey).toString('hex').slice(-128);
    await writeFile(
      join(datadir, 'static-nodes.json'),
      JSON.stringify([`enode://${id}@192.0.2.1:30303`]),
    );
    await using node = new Node({ datadir, server: { listen, noDial: true } });
    await node.start();
    expect(node.server!.actor.getSnapshot().context.input.dial.statics).toHaveLength(1);
    await node.stop();
    await writeFile(join(datadir, 'trusted-nodes.json'), JSON.stringify([enode('0')]));
    const error = await errorOf(node.start());
    expect(error.kind).toBe('directoryFailed');
    expect(error.message).toContain('trusted-nodes.json[0]');
  });

  test('says which list of nodes it used, and which not', async () => {
    const datadir = await scratch();
    for (const file of ['static-nodes.json', 'trusted-nodes.json'])
      await writeFile(join(datadir, file), '[]');
    await using node = new Node({ datadir, server: { listen, trustedNodes: [] } });
    expect(node.notes).toEqual([]);
    await node.start();
    expect(node.notes).toEqual([
      'static-nodes.json is used; the option "staticNodes" would be preferred',
      'trusted-nodes.json is not used: the option "trustedNodes" is given',
    ]);
  });

  test('is seen by what is attached to its server, in each run', async () => {
    const seen: string[] = [];
    let recorder = new Recorder({ clock: systemClock, about: ABOUT });
    await using node = new Node({
      server: { listen },
      onServer: async (server) => {
        recorder = new Recorder({ clock: systemClock, about: ABOUT });
        await server.attach(({ inspection }) => {
          inspection.watch(new Lifecycle(recorder));
          const end = inspection.watch({
            onFound: ({ id }) => seen.push(`found ${id}`),
            onEvent: ({ type, actorRef }) => {
              if (type === '@xstate.snapshot' && actorRef === node.actor)
                seen.push(statePath(node.actor.getSnapshot().value));
            },
            onRootEnded: ({ id }) => seen.push(`left ${id}`),
          });
          return { [Symbol.asyncDispose]: async () => void end() };
        });
      },
    });
    for (let run = 0; run < 2; run += 1) {
      seen.length = 0;
      await node.start();
      expect(seen).toContain('found node');
      expect(seen.filter((state) => state === 'active.running')).toHaveLength(1);
      const { names = [], actors = [] } = recorder.open({ actions: false }).next(1) ?? {};
      const shown = actors.map(([, machine, , , , state]) => [names[machine], names[state]]);
      expect(shown).toContainEqual(['node', 'active.running']);
      await node.stop();
      expect(seen).toContain('active.stopping.server');
    }
  });

  test('gives its services by what made them, and their protocols to the server', async () => {
    const counter = () => ({ key: 'counter', count: 1, protocols: [echo()] });
    const doubled = ({
      service,
      nodeId,
    }: Parameters<NonNullable<NodeOptions['services']>[0]>[0]) => ({
      key: 'doubled',
      count: 2 * service(counter).count,
      nodeId,
    });
    await using node = new Node({ server: { listen }, services: [counter, doubled] });
    expect(() => node.service(counter)).toThrow(NodeError);
    await node.start();
    expect(node.service(doubled).count).toBe(2);
    expect(node.service(doubled).nodeId).toBe(node.server!.self.id);
    expect(node.service('counter').key).toBe('counter');
    expect(() => node.service('other')).toThrow('no running service has the key "other"');
    expect(Object.keys(node.server!.nodeInfo().protocols)).toEqual(['echo']);
  });
});

describe('a step of the start that fails', () => {
  const undone: Readonly<Record<string, readonly string[]>> = {
    'make a': [],
    'make b': [],
    attach: ['server stopped'],
    'start a': ['server stopped'],
    'start b': ['stop a', 'server stopped'],
    'open x': ['stop b', 'stop a', 'server stopped'],
    'open y': ['close x', 'stop b', 'stop a', 'server stopped'],
  };
  for (const [failing, expected] of Object.entries(undone))
    test(`${failing}: what was started is stopped in reverse, and a second start succeeds`, async () => {
      const port = await freePort();
      const datadir = await scratch();
      const { log, options } = noting(failing);
      await using node = new Node({
        ...options,
        datadir,
        server: { listen: { ...listen, port } },
      });
      const error = await errorOf(node.start());
      expect((error.cause as Error).message).toBe(`no ${failing}`);
      expect(
        log.slice(log.indexOf(failing) + 1).filter((line) => line !== 'server stopped'),
      ).toEqual(expected.filter((line) => line !== 'server stopped'));
      expect(node.server).toBeNull();
      const second = new Node({ datadir, server: { listen: { ...listen, port } } });
      await second.start(); // directory and port are free
      await second.stop();
    });

  test('an address that is in use', async () => {
    const { port } = await listenOnLoopback();
    const { log, options } = noting();
    await using node = new Node({ ...options, server: { listen: { ...listen, port } } });
    const error = await errorOf(node.start());
    expect(error.kind).toBe('startFailed');
    expect(error.message).toContain('EADDRINUSE');
    expect(log).toEqual(['make a', 'make b', 'attach', 'server stopped']);
  });

  test('a key that is none', async () => {
    const datadir = await scratch();
    await writeFile(join(datadir, 'nodekey'), 'no key', { mode: 0o600 });
    await using node = new Node({ datadir, server: { listen } });
    const error = await errorOf(node.start());
    expect(error.kind).toBe('keyFailed');
    expect(await readdir(join(datadir, 'LOCK'))).toEqual([]);
  });

  test('a data directory that cannot be made', async () => {
    const file = join(await scratch(), 'file');
    await writeFile(file, '');
    await using node = new Node({ datadir: join(file, 'inside'), server: { listen } });
    expect((await errorOf(node.start())).kind).toBe('directoryFailed');
  });

  test('a service that does not start in time, and is stopped when it has started after all', async () => {
    const clock = new StepClock();
    const log: string[] = [];
    let start = (): void => {};
    const slow = () => ({
      key: 'slow',
      start: () =>
        new Promise<void>((resolve) => {
          start = resolve;
        }),
      stop: () => void log.push('stopped'),
    });
    const node = new Node({ server: { listen, ports: { clock } }, services: [slow] });
    const failed = errorOf(node.start());
    await untilState(node, 'startingServices');
    clock.advance(SERVICE_START_TIMEOUT_MS);
    expect(await failed).toMatchObject({
      kind: 'serviceFailed',
      message: 'services[0] did not start within 60 s',
    });
    expect(log).toEqual([]);
    start();
    await turns(1);
    expect(log).toEqual(['stopped']);
  });

  test('an API that cannot be closed', async () => {
    await using node = new Node({ server: { listen }, apis: [(() => ({})) as never] });
    const error = await errorOf(node.start());
    expect(error.kind).toBe('apiFailed');
    expect(error.message).toBe('apis[0] did not open: an API needs [Symbol.asyncDispose]()');
  });

  test('two services with one key', async () => {
    const service = () => ({ key: 'twin' });
    await using node = new Node({ server: { listen }, services: [service, () => service()] });
    const error = await errorOf(node.start());
    expect(error.kind).toBe('duplicateService');
    expect(error.message).toBe('two services have the key "twin"');
  });
});

describe('a stop', () => {
  test('collects every error, and stops all the same', async () => {
    const datadir = await scratch();
    let sticks = true;
    const failing = (key: string) => () => ({
      key,
      stop: () => {
        if (sticks) throw new Error(`${key} sticks`);
      },
    });
    await using node = new Node({
      ...{ datadir, server: { listen }, services: [failing('a'), failing('b')] },
      apis: [
        async () => ({
          [Symbol.asyncDispose]: async () => {
            if (sticks) throw new Error('the API sticks');
          },
        }),
      ],
    });
    await node.start();
    const error = await errorOf(node.stop());
    expect(error.kind).toBe('stopFailed');
    expect(error.errors.map(({ message }) => message)).toEqual([
      'apis[0] did not close: the API sticks',
      'the service "b" did not stop: b sticks',
      'the service "a" did not stop: a sticks',
    ]);
    sticks = false;
    await node.start();
  });

  test('during the start ends it', async () => {
    let isAborted = false;
    await using node = new Node({
      server: { listen },
      services: [
        ({ signal }) => ({
          key: 'slow',
          start: () =>
            new Promise<void>((resolve) => {
              signal.addEventListener('abort', () => {
                isAborted = true;
                resolve();
              });
            }),
        }),
      ],
    });
    const started = errorOf(node.start());
    await untilState(node, 'startingServices');
    expect((await errorOf(node.start())).kind).toBe('alreadyRunning');
    await node.stop();
    expect((await started).kind).toBe('stopped');
    expect(isAborted).toBe(true);
  });

  test('follows when the server is stopped behind its back', async () => {
    const { log, options } = noting();
    await using node = new Node(options);
    await node.start();
    const ended = new Promise((resolve) => node.actor.on('stopped', resolve));
    await node.server!.stop();
    expect(await ended).toMatchObject({ stopFaults: [{ kind: 'serverEnded' }] });
    expect(log.slice(-4)).toEqual(['close y', 'close x', 'stop b', 'stop a']);
  });

  test('follows when the server breaks', async () => {
    const { log, options } = noting();
    await using node = new Node(options);
    const server = await node.start();
    const ended = new Promise((resolve) => node.actor.on('stopped', resolve));
    server.actor.send({ type: 'hold.over' } as never); // has no request: a guard or an action throws
    expect(await ended).toMatchObject({
      stopFaults: [{ kind: 'serverEnded', message: expect.stringMatching(/undefined/) }],
    });
    expect(log.slice(-4)).toEqual(['close y', 'close x', 'stop b', 'stop a']);
  });

  test('after disposal there is no start', async () => {
    const node = new Node({ server: { listen } });
    await node[Symbol.asyncDispose]();
    await node[Symbol.asyncDispose]();
    expect((await errorOf(node.start())).kind).toBe('closed');
    await node.stop();
  });
});

test('a data directory is not asked for what is elsewhere', async () => {
  const datadir = await scratch();
  await mkdir(join(datadir, 'keys'));
  const nodeKeyFile = join(datadir, 'keys', 'mine');
  await using node = new Node({ datadir, nodeKeyFile, server: { listen } });
  await node.start();
  expect((await readdir(datadir)).sort()).toEqual(['LOCK', 'keys', 'nodes']);
});
