/** The session of a tab: a token in memory and in the storage of the tab. */
import { expect, test } from 'vitest';

import { type Ask, ServerAccess } from '../../../../src/inspect/page/base/server-access.ts';

type Request = readonly [method: string, url: string, token: string | null, body: unknown];

/** A server with one valid token and one valid code, and a tab with its storage. */
function tab(stored: Readonly<Record<string, string>> = {}) {
  const storage = new Map(Object.entries(stored));
  const requests: Request[] = [];
  const server = { token: 'old', code: 'right', isDown: false };
  const info = { actions: true, source: 'file', more: 1 };
  const ask: Ask = async (url, init = {}) => {
    const token = new Headers(init.headers).get('x-peerchart-token');
    const body = init.body === undefined ? null : JSON.parse(String(init.body));
    requests.push([init.method ?? 'GET', url, token, body]);
    if (server.isDown) throw new TypeError('fetch failed');
    if (init.method === 'POST' && url === 'api/session') {
      if (body.code !== server.code)
        return Response.json({ error: 'Get a link.' }, { status: 401 });
      server.code = 'used';
      server.token = 'new';
      return Response.json({ ...info, token: 'new' });
    }
    return token === server.token
      ? Response.json(info)
      : Response.json({ error: 'No session.' }, { status: 401 });
  };
  const access = new ServerAccess(ask, () => ({
    getItem: (key) => storage.get(key) ?? null,
    setItem: (key, value) => void storage.set(key, value),
    removeItem: (key) => void storage.delete(key),
  }));
  return { access, storage, requests, server };
}

const SESSION = { is: 'in', session: { actions: true, source: 'file' } };

test('the code of a link gives a token, which every request sends', async () => {
  const { access, storage, requests } = tab();
  expect(await access.signIn('right')).toEqual(SESSION);
  await access.request('api/steps', { headers: { 'content-type': 'application/json' } });
  expect(requests).toEqual([
    ['POST', 'api/session', null, { code: 'right' }],
    ['GET', 'api/steps', 'new', null],
  ]);
  expect([...storage]).toEqual([['peerchart-token', 'new']]);
});

test('a code is sent, and so consumed, by a tab with a session too', async () => {
  const { access, requests } = tab({ 'peerchart-token': 'old' });
  expect(await access.signIn('right')).toEqual(SESSION);
  expect(requests).toEqual([['POST', 'api/session', 'old', { code: 'right' }]]);
});

test('a reloaded tab resumes its session', async () => {
  const { access, requests } = tab({ 'peerchart-token': 'old' });
  expect(await access.signIn(null)).toEqual(SESSION);
  expect(requests).toEqual([['GET', 'api/session', 'old', null]]);
});

test('a used code does not end the session of the tab', async () => {
  const { access } = tab({ 'peerchart-token': 'old' });
  expect(await access.signIn('wrong')).toEqual(SESSION);
});

test('an invalid token is forgotten, and the advice of the server is given', async () => {
  const { access, storage, requests } = tab({ 'peerchart-token': 'stale' });
  expect(await access.signIn(null)).toEqual({ is: 'out', advice: 'Get a link.' });
  expect(requests.at(-1)).toEqual(['POST', 'api/session', null, {}]);
  expect([access.hasToken, storage.size]).toEqual([false, 0]);
});

test('a wrong code without a session gives the advice once', async () => {
  const { access, requests } = tab();
  expect(await access.signIn('wrong')).toEqual({ is: 'out', advice: 'Get a link.' });
  expect(requests).toHaveLength(1);
});

test('a closed session is ended on the server and forgotten, even when the server is down', async () => {
  const { access, storage, requests, server } = tab({ 'peerchart-token': 'old' });
  server.isDown = true;
  await access.close();
  expect(requests).toEqual([['POST', 'api/session/close', 'old', {}]]);
  expect([access.hasToken, storage.size]).toEqual([false, 0]);
});

test('a server that cannot be reached keeps the token', async () => {
  const { access, server } = tab({ 'peerchart-token': 'old' });
  server.isDown = true;
  await expect(access.signIn(null)).rejects.toThrow('fetch failed');
  expect(access.hasToken).toBe(true);
});

test('without storage the token is in memory only', async () => {
  const { requests } = tab();
  const access = new ServerAccess(
    async (url, init) => {
      requests.push(['', url, new Headers(init?.headers).get('x-peerchart-token'), null]);
      return Response.json({ token: 'new', actions: 'yes' });
    },
    () => {
      throw new Error('SecurityError');
    },
  );
  expect(await access.signIn('right')).toEqual({
    is: 'in',
    session: { actions: false, source: 'live' },
  });
  await access.request('api/steps');
  expect(requests.at(-1)).toEqual(['', 'api/steps', 'new', null]);
});

test.for(['null', '{}', 'oops', '{"token":7}'])('the answer %s is no session', async (text) => {
  const access = new ServerAccess(
    async () => new Response(text),
    () => new Map() as never,
  );
  expect(await access.signIn('right')).toEqual({
    is: 'out',
    advice: 'The server answered 200.',
  });
});
