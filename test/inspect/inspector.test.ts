import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Inspector, inspect, openInspector } from '../../src/inspect/inspector.ts';
import type { Frame } from '../../src/inspect/protocol.ts';
import { CUSTOM_PRIMITIVES } from '../../src/io/crypto/primitive-sets.ts';
import { phaseOf } from '../../src/machines/server/server-phase.ts';
import type { Observation } from '../../src/server/observation.ts';
import { StepClock } from '../support/step-clock.ts';
import { enodeOf, type Member, World } from '../support/world.ts';
import { askAt, eventsOf, signInAt, watchAt } from './web/page-server-fixture.ts';

type Visitor = {
  readonly token: string;
  readonly port: number;
  ask(path: string): Promise<string>;
  act(name: string, body: object): Promise<string>;
  /** Frames as they come. */
  frames(): AsyncGenerator<Frame>;
};

/** A browser that has opened the latest link. */
async function visit({ address, link }: Inspector): Promise<Visitor> {
  const port = Number(new URL(address).port);
  const token = (await signInAt(port, link)).token!;
  const ask = async (path: string): Promise<string> => (await askAt(port, path, { token })).body;
  return {
    ...{ token, port, ask },
    act: async (name, body) => {
      const headers = ['Content-Type', 'application/json'];
      const order = { method: 'POST', headers, token, body: JSON.stringify(body) };
      return (await askAt(port, `/api/actions/${name}`, order)).body;
    },
    frames: async function* () {
      for await (const { event, data } of eventsOf(await watchAt(port, '/api/stream', token)))
        if (data !== undefined && event === undefined) yield JSON.parse(data);
    },
  };
}

async function someWorld(): Promise<{ world: World; a: Member; b: Member }> {
  const world = new World();
  const [a, b] = [world.add(1), world.add(2)];
  onTestFinished(() => world.end());
  await world.start(a, b);
  return { world, a, b };
}

describe('an inspector', () => {
  test('shows the charts of its server in the first frame', async () => {
    const { world, a, b } = await someWorld();
    a.server.addPeer(b.enode);
    await world.settle();
    const frames = (await visit(await inspect(a.server))).frames();

    const { about, actors, names, views, hz } = (await frames.next()).value as Frame;

    expect(about).toMatchObject({ node: a.server.self.enode, source: 'live', actions: false });
    expect(about!.peerchart).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Math.abs(Date.parse(about!.startedAt) - Date.now())).toBeLessThan(60_000);
    const machines = actors!.map(([, machine]) => names![machine]);
    expect(machines).toEqual(expect.arrayContaining(['server', 'listener', 'peer']));
    expect(views!.peers.map(({ id }) => id)).toEqual([b.server.self.id]);
    expect(hz).toBe(10);
  });

  test('shows why connections end', async () => {
    const { world, a, b } = await someWorld();
    const inspector = await inspect(a.server);
    const frames = (await visit(inspector)).frames();
    await frames.next();
    a.server.addPeer(b.enode);
    await world.settle();
    await world.stop(b);
    let ending: Frame['endings'];
    for await (const frame of frames) {
      ending = frame.endings;
      if (ending) break;
    }
    expect(ending).toMatchObject([
      { type: 'drop', id: b.server.self.id, state: 'ending.refused.clientQuitting' },
    ]);
  });

  test('shows failed dials', async () => {
    const { world, a } = await someWorld();
    const visitor = await visit(await inspect(a.server));
    a.server.addPeer(enodeOf(9)); // no host has this address
    await world.settle();
    const { value } = await visitor.frames().next();
    expect((value as Frame).endings).toMatchObject([{ type: 'dialFailed' }]);
  });

  test('shows connections that became no peer', async () => {
    const { world, a } = await someWorld();
    const full = world.add(3, { maxPeers: 0 });
    await world.start(full);
    const visitor = await visit(await inspect(a.server));
    a.server.addPeer(full.enode);
    await world.settle();
    const { value } = await visitor.frames().next();
    const endings = (value as Frame).endings!;
    expect(endings.map(({ type }) => type).sort()).toEqual(['dialFailed', 'ended']);
  });

  test('lets viewers act when actions are on', async () => {
    const { world, a, b } = await someWorld();
    const visitor = await visit(await inspect(a.server, { actions: true }));
    expect(await visitor.act('addPeer', { enode: b.enode })).toBe('{"ok":true}');
    await world.settle();
    expect(a.server.peerCount).toBe(1);
    expect(await visitor.act('disconnect', { id: b.server.self.id })).toBe('{"ok":true}');
    await world.settle();
    expect(a.server.peerCount).toBe(0);
    expect(await visitor.act('addPeer', { enode: a.enode })).toBe(
      '{"error":"this node cannot be its own peer"}',
    );
  });

  test('masks ids and addresses when told to', async () => {
    const { world, a, b } = await someWorld();
    a.server.addPeer(b.enode);
    await world.settle();
    const visitor = await visit(await inspect(a.server, { mask: true }));
    const text = JSON.stringify((await visitor.frames().next()).value);
    const [us, them] = [a.server.self, b.server.self];
    for (const secret of [us.id, them.id, us.enode.slice(8, 136), them.enode.slice(8, 136)])
      expect(text).not.toContain(secret);
    expect(text).not.toContain('192.0.2.1');
    expect(text).toContain('"masked":true');
  });

  test('may be opened twice, with separate sessions', async () => {
    const { a } = await someWorld();
    const inspectors = [await inspect(a.server), await inspect(a.server)];
    const visitors = await Promise.all(inspectors.map(visit));
    const [one, other] = visitors;
    expect((await askAt(one!.port, '/api/session', { token: other!.token })).status).toBe(401);
    await inspectors[0]!.close();
    expect(await other!.ask('/api/session')).toContain('live');
  });

  test('makes new links and keeps the latest', async () => {
    const { a } = await someWorld();
    const told: string[] = [];
    const inspector = await inspect(a.server, { onLink: (link) => told.push(link) });
    const first = inspector.link;
    const second = inspector.newLink();
    expect(second).not.toBe(first);
    expect(inspector.link).toBe(second);
    const port = Number(new URL(inspector.address).port);
    await signInAt(port, inspector.address);
    expect(told).toEqual([inspector.link]);
    await visit(inspector);
  });

  test('survives an onLink that throws', async () => {
    const { world, a } = await someWorld();
    const inspector = await inspect(a.server, {
      onLink: () => {
        throw new Error('not me');
      },
    });
    const { address } = inspector;
    const { status } = await signInAt(Number(new URL(address).port), address);
    expect(status).toBe(401);
    expect(world.faults.splice(0)).toEqual(['the inspector: not me']);
  });
});

test('a closed inspector observes nothing more', async () => {
  let heard = 0;
  const hear = () => {
    heard += 1;
    return () => {
      heard -= 1;
    };
  };
  const server = {
    actor: {
      getSnapshot: () => ({ children: {}, context: { input: { dial: { statics: [] } } } }),
      subscribe: () => ({ unsubscribe: hear() }),
      on: () => ({ unsubscribe: hear() }),
    },
    self: { id: '', enode: '', primitives: CUSTOM_PRIMITIVES },
    peers: [],
    on: hear,
  };
  let isForgotten = false;
  const onClosed = (): void => {
    isForgotten = true;
  };
  const subject = { server, inspection: { watch: hear }, clock: new StepClock(), onClosed };
  const inspector = await openInspector(subject as unknown as Observation);
  expect(heard).toBeGreaterThan(4);
  await inspector.close();
  expect([heard, isForgotten]).toEqual([0, true]);
});

describe('an inspector that cannot be opened gives the reason:', () => {
  test('a port in use', async () => {
    const { a, b } = await someWorld();
    const port = Number(new URL((await inspect(a.server)).address).port);
    await expect(inspect(b.server, { port })).rejects.toMatchObject({
      name: 'ServerError',
      code: 'inspectFailed',
      message: expect.stringMatching(
        new RegExp(`^the inspector cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
      ),
    });
  });

  test('a wrong option', async () => {
    const { a } = await someWorld();
    await expect(inspect(a.server, { port: -1 })).rejects.toThrow(TypeError);
  });
});

describe('closing an inspector', () => {
  test('happens with its server, whose end is shown', async () => {
    const { world, a } = await someWorld();
    const inspector = await inspect(a.server);
    const visitor = await visit(inspector);
    const frames = visitor.frames();
    await frames.next();
    await world.stop(a);
    const seen: Frame[] = [];
    for await (const frame of frames) seen.push(frame);
    const { actorsEnded: over } = seen.at(-1)!;
    expect(over!.map(([, , status]) => status)).toContain('done');
    await expect(visitor.ask('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await inspector.close();
  });

  test('may be repeated, and the server runs on', async () => {
    const { a } = await someWorld();
    const inspector = await inspect(a.server);
    await Promise.all([inspector.close(), inspector.close()]);
    await inspector[Symbol.asyncDispose]();
    expect(phaseOf(a.server.actor.getSnapshot())).toBe('running');
    await expect(visit(inspector)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('no log line contains a secret, whatever visitors do', async () => {
  const lines: string[] = [];
  const world = new World();
  onTestFinished(() => world.end());
  const logger = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const a = world.add(1, { logger });
  await world.start(a);
  const inspector = await inspect(a.server, {
    actions: true,
    onLink: () => {
      throw new Error('a mistake that is logged');
    },
  });
  const links = [inspector.link];
  const visitor = await visit(inspector);
  await visitor.frames().next();
  await visitor.act('addPeer', { enode: 'enode://wrong' });
  await signInAt(visitor.port, 'http://localhost/?code=guessed');
  links.push(inspector.link, inspector.newLink());
  await inspector.close();
  const secrets = [visitor.token, 'guessed'].concat(links.map((link) => link.split('code=')[1]!));
  expect(lines.join('')).toContain('a mistake that is logged');
  for (const secret of secrets) expect(lines.join('')).not.toContain(secret);
});
