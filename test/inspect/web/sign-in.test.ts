import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';

import { MAX_NEW_LINKS_PER_MINUTE } from '../../../src/inspect/web/sign-in.ts';
import { PAGE, SECRET, signInAt, someSite } from './page-server-fixture.ts';

/** An aborted answer is an error first. */
const closeOf = (stream: IncomingMessage): Promise<void> =>
  new Promise(
    (resolve) =>
      void stream
        .on('error', () => {})
        .resume()
        .once('close', resolve),
  );

const NONE = 'http://127.0.0.1/';
const WRONG = 'http://127.0.0.1/?code=wrong';

describe('a link', () => {
  test('opens the page, which exchanges its code for a token', async () => {
    const { site, ask, port } = await someSite();
    const link = site.newLink();
    expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?code=[\\w-]{43}$`));
    const page = await ask(new URL(link).search.replace('?', '/?'));
    expect([page.status, page.body]).toEqual([200, PAGE]);

    const answer = await signInAt(port, link);

    expect(answer).toEqual({
      status: 200,
      token: expect.stringMatching(/^[\w-]{43}$/),
      actions: false,
      source: 'live',
    });
    expect((await ask('/api/steps', { token: answer.token })).body).toContain(SECRET);
  });

  test('works once', async () => {
    const { site, port } = await someSite();
    const link = site.newLink();
    const statuses = [(await signInAt(port, link)).status, (await signInAt(port, link)).status];
    expect(statuses).toEqual([200, 401]);
  });

  test('is not consumed by a request of the page', async () => {
    const { site, ask, port } = await someSite();
    const link = site.newLink();
    for (const method of ['HEAD', 'GET']) await ask(`/${new URL(link).search}`, { method });
    expect((await signInAt(port, link)).status).toBe(200);
  });

  test('is consumed by a browser with a session, whose earlier session ends', async () => {
    const { site, ask, port, signIn } = await someSite();
    const link = site.newLink();
    const before = await signIn();
    const { status, token } = await signInAt(port, link, { token: before });
    expect(status).toBe(200);
    expect((await signInAt(port, link)).status).toBe(401);
    expect((await ask('/api/session', { token: before })).status).toBe(401);
    expect((await ask('/api/session', { token })).status).toBe(200);
  });

  test('works at the path of the session only', async () => {
    const { site, ask } = await someSite();
    const { search } = new URL(site.newLink());
    for (const path of ['/api/session', '/api/stream', '/api/steps'])
      expect((await ask(`${path}${search}`)).status).toBe(401);
  });
});

describe('a visit without a valid code', () => {
  test('is told what to do, and a new link is printed where the node runs', async () => {
    const { port, links } = await someSite();

    const answer = await signInAt(port, NONE);

    expect(answer).toEqual({
      status: 401,
      error:
        'Link missing, used or expired. A link is single use and expires in 60 seconds. ' +
        'Copy the new one from the terminal where the node runs.',
    });
    expect(links).toHaveLength(1);
    expect((await signInAt(port, links[0]!)).status).toBe(200);
  });

  test('causes at most five new links a minute', async () => {
    const { port, links, clock } = await someSite();
    for (let visit = 0; visit < 20; visit += 1) await signInAt(port, NONE);
    expect(links).toHaveLength(MAX_NEW_LINKS_PER_MINUTE);
    clock.advance(60_000 / MAX_NEW_LINKS_PER_MINUTE);
    await signInAt(port, NONE);
    expect(links).toHaveLength(MAX_NEW_LINKS_PER_MINUTE + 1);
  });

  test('is told what to do when no new links are printed', async () => {
    const { port, links } = await someSite({ hasNoListener: true });
    expect((await signInAt(port, NONE)).error).toContain('Get a new one where the node runs.');
    expect(links).toEqual([]);
  });

  test('with many wrong codes is told to wait', async () => {
    const { port } = await someSite();
    const statuses: number[] = [];
    for (let visit = 0; visit < 7; visit += 1) statuses.push((await signInAt(port, WRONG)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  test.for(['', '{', '[]', 'null', '{"code":7}', `{"code":"${'x'.repeat(2_000)}"}`])(
    'is one with the body %s',
    async (body, { expect }) => {
      const { port } = await someSite();
      expect((await signInAt(port, NONE, { body })).status).toBe(401);
    },
  );

  test('to another path gets no answer and no new link', async () => {
    const { ask, links } = await someSite();
    for (const path of ['/api/session', '/api/stream', '/api/steps', '/api/focus', '/api/other'])
      expect((await ask(path)).status).toBe(401);
    expect(links).toEqual([]);
  });
});

describe('a session', () => {
  const API = [
    '/api/session',
    '/api/stream',
    '/api/focus?stream=x',
    '/api/steps',
    '/api/recording',
  ];

  test('is a header, and no cookie opens or sets anything', async () => {
    const { ask, port, signIn } = await someSite();
    const token = await signIn();
    for (const path of API) {
      const headers = ['Cookie', `peerchart-${port}=${token}; x-peerchart-token=${token}`];
      const { status, body } = await ask(path, { headers });
      expect([path, status, body.includes(SECRET)]).toEqual([path, 401, false]);
    }
    const { headers } = await ask('/api/session', { token });
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('is not locked out by cookies of the same host', async () => {
    const { ask, port, signIn } = await someSite();
    const headers = ['Cookie', `peerchart-${port}=a; peerchart-${port}=b`];
    expect((await ask('/api/session', { token: await signIn(), headers })).status).toBe(200);
  });

  test('of one inspector is invalid for another', async () => {
    const [one, other] = [await someSite(), await someSite()];
    await one.signIn();
    await other.signIn();
    await other.signIn(); // the same seed, so the same secrets in turn
    const token = (await signInAt(other.port, other.site.newLink())).token;
    expect((await one.ask('/api/session', { token })).status).toBe(401);
  });

  test('is closed by its tab: the stream ends, and the token is invalid', async () => {
    const { ask, watch, signIn } = await someSite();
    const [token, other] = [await signIn(), await signIn()];
    const [stream, others] = [await watch('/api/stream', token), await watch('/api/stream', other)];
    const closed = closeOf(stream);
    const headers = ['Content-Type', 'application/json'];
    const { status } = await ask('/api/session/close', { method: 'POST', headers, token });
    expect(status).toBe(204);
    await closed;
    expect((await ask('/api/session', { token })).status).toBe(401);
    expect(others.destroyed).toBe(false);
  });

  test('is closed where the node runs, with all others', async () => {
    const { site, ask, watch, signIn } = await someSite();
    const token = await signIn();
    const stream = await watch('/api/stream', token);
    const closed = closeOf(stream);
    site.endSessions();
    await closed;
    expect((await ask('/api/session', { token })).status).toBe(401);
  });
});
