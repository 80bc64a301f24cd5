import { describe, expect, test } from 'vitest';
import type { Peer } from '../../../src/api/peer.ts';
import { ServerError } from '../../../src/api/server-error.ts';
import { ACTIONS_PER_SECOND, MAX_BODY_BYTES } from '../../../src/inspect/web/actions.ts';
import { ID, somePeer } from '../../cli/some-reports.ts';
import { type Answer, type SomeSite, someSite } from './page-server-fixture.ts';

const ENODE = `enode://${'ab'.repeat(64)}@192.0.2.1:30303`;

/** A server that notes what it is told, and says no if it is told to. */
function someTarget(error?: unknown) {
  const told: unknown[] = [];
  const note =
    (name: string) =>
    (value: string): void => {
      if (error) throw error;
      told.push([name, value]);
    };
  const peer: Peer = { ...somePeer, disconnect: () => void told.push(['disconnect', ID]) };
  return {
    told,
    addPeer: note('addPeer'),
    removePeer: async (enode: string) => note('removePeer')(enode),
    addTrustedPeer: note('addTrustedPeer'),
    removeTrustedPeer: note('removeTrustedPeer'),
    peers: [peer],
  };
}

type Order = {
  readonly name?: string;
  readonly body?: string;
  readonly token?: string;
  readonly path?: string;
};

/** A browser with a session, where actions are on. */
async function actor(some: SomeSite): Promise<(order?: Order) => Promise<Answer>> {
  const own = await some.signIn();
  return ({ name = 'addPeer', body = JSON.stringify({ enode: ENODE }), token = own, path } = {}) =>
    some.ask(path ?? `/api/actions/${name}`, {
      method: 'POST',
      headers: ['Content-Type', 'application/json'],
      token,
      body,
    });
}

describe('an action', () => {
  test.for(['addPeer', 'removePeer', 'addTrustedPeer', 'removeTrustedPeer'])(
    'is done: %s',
    async (name, { expect }) => {
      const target = someTarget();
      const act = await actor(await someSite({ target }));
      const { status, headers, body } = await act({ name });
      expect([status, body]).toEqual([200, '{"ok":true}']);
      expect(headers['content-type']).toBe('application/json');
      expect(target.told).toEqual([[name, ENODE]]);
    },
  );

  test('disconnects a peer by its id', async () => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    expect((await act({ name: 'disconnect', body: JSON.stringify({ id: ID }) })).status).toBe(200);
    expect(target.told).toEqual([['disconnect', ID]]);
  });

  test('with an unknown name is refused', async () => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    for (const name of ['stop', 'constructor', '__proto__', 'toString', 'addPeer/x']) {
      const { status, body } = await act({ name });
      expect([name, status, body.includes('ok')]).toEqual([name, 404, false]);
    }
    expect(target.told).toEqual([]);
  });

  test('needs the token of a session', async () => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    for (const wrong of ['', 'x']) {
      const { status, body } = await act({ token: wrong });
      expect([status, body]).toEqual([
        401,
        '{"error":"No session: open a link of the inspector."}',
      ]);
    }
    expect(target.told).toEqual([]);
  });

  test('does not exist when actions are off, and the session says so', async () => {
    const some = await someSite();
    const act = await actor(some);
    expect((await act()).status).toBe(404);
    const { body } = await some.ask('/api/session', { token: await some.signIn() });
    expect(JSON.parse(body)).toEqual({ actions: false, source: 'live' });
  });

  test('is accepted ten times a second at most', async () => {
    const target = someTarget();
    const some = await someSite({ target });
    const act = await actor(some);
    const statuses: number[] = [];
    for (let count = 0; count <= ACTIONS_PER_SECOND; count += 1)
      statuses.push((await act()).status);
    expect(statuses).toEqual([...Array(ACTIONS_PER_SECOND).fill(200), 429]);
    some.clock.advance(100);
    expect([(await act()).status, (await act()).status]).toEqual([200, 429]);
  });
});

describe('a body', () => {
  test.for<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"enode":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number as enode', '{"enode":7}'],
    ['an object as enode', '{"enode":{"toString":"x"}}'],
    ['another field', '{"id":"x"}'],
    ['very deep', '['.repeat(4_000)],
    ['an enode in its prototype', `{"__proto__":{"enode":"${ENODE}"}}`],
    ['an enode in the prototype of its constructor', `{"constructor":{"prototype":{"enode":"x"}}}`],
  ])('of %s is refused in JSON', async ([, body], { expect }) => {
    const target = someTarget();
    const some = await someSite({ target });
    const answer = await (await actor(some))({ body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
    expect([target.told, some.faults]).toEqual([[], []]);
  });

  test('with __proto__ changes no prototype', async () => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    for (const evil of [
      '"__proto__":{"x":1}',
      '"constructor":{"prototype":{"x":1}}',
      '"prototype":{"x":1}',
    ])
      expect((await act({ body: `{"enode":"${ENODE}",${evil}}` })).status).toBe(200);
    expect(target.told).toEqual(Array(3).fill(['addPeer', ENODE]));
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('is limited in length', async () => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    const full = `{"enode":"${'x'.repeat(MAX_BODY_BYTES - 12)}"}`;
    expect(full).toHaveLength(MAX_BODY_BYTES);
    expect((await act({ body: full })).status).toBe(200);
    const { status, body } = await act({ body: `${full} ` });
    expect([status, body]).toEqual([413, '{"error":"at most 4096 bytes"}']);
  });

  test.for<[string, string]>([
    ['wrong letters', JSON.stringify({ id: ID.toUpperCase() })],
    ['of no peer', JSON.stringify({ id: 'ff'.repeat(32) })],
    ['missing', '{}'],
  ])('with an id that is %s disconnects no peer', async ([, body], { expect }) => {
    const target = someTarget();
    const act = await actor(await someSite({ target }));
    expect((await act({ name: 'disconnect', body })).status).toBe(400);
    expect(target.told).toEqual([]);
  });
});

describe('an error of the server', () => {
  test.for<[unknown, number, string, number]>([
    [new TypeError('this is no enode'), 400, 'this is no enode', 0],
    [
      new ServerError('notRunning', 'the server is not running'),
      409,
      'the server is not running',
      0,
    ],
    [new Error('a bug with a secret in it'), 500, 'internal error', 1],
  ])('%s', async ([error, status, said, faults], { expect }) => {
    const some = await someSite({ target: someTarget(error) });
    const act = await actor(some);
    for (const name of ['addPeer', 'removePeer']) {
      const answer = await act({ name });
      expect([answer.status, answer.body]).toEqual([status, JSON.stringify({ error: said })]);
    }
    expect(some.faults).toEqual(Array(2 * faults).fill(error));
  });
});
