import { describe, expect, test } from 'vitest';

import { MAX_NEW_LINKS_PER_MINUTE } from '../../../src/inspect/web/sign-in.ts';
import { SECRET, someSite } from './page-server-fixture.ts';

const searchOf = (link: string): string => `/${new URL(link).search}`;

describe('a link', () => {
  test('gives a cookie and redirects to the page without its code', async () => {
    const { site, ask, port } = await someSite();
    const link = site.newLink();
    expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?code=[\\w-]{43}$`));

    const { status, headers, body } = await ask(searchOf(link));

    expect([status, headers.location, body]).toEqual([303, '/', '']);
    const [cookie, ...rest] = headers['set-cookie']!;
    expect(rest).toEqual([]);
    expect(cookie).toMatch(
      new RegExp(`^peerchart-${port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    const page = await ask('/', { cookie: cookie!.split(';')[0] });
    expect([page.status, page.body]).toEqual([200, SECRET]);
  });

  test('works once', async () => {
    const { site, ask } = await someSite();
    const path = searchOf(site.newLink());
    const statuses = [(await ask(path)).status, (await ask(path)).status];
    expect(statuses).toEqual([303, 401]);
  });

  test('is not consumed by a HEAD request', async () => {
    const { site, ask } = await someSite();
    const path = searchOf(site.newLink());
    expect((await ask(path, { method: 'HEAD' })).status).toBe(401);
    expect((await ask(path)).status).toBe(303);
  });

  test('is not consumed by a browser with a session', async () => {
    const { site, ask, signIn } = await someSite();
    const path = searchOf(site.newLink());
    const again = await ask(path, { cookie: await signIn() });
    expect([again.status, again.headers.location]).toEqual([303, '/']);
    expect((await ask(path)).status).toBe(303);
  });

  test('works at the path of the page only', async () => {
    const { site, ask } = await someSite();
    const { search } = new URL(site.newLink());
    for (const path of ['/api/session', '/api/stream', '/index.html'])
      expect((await ask(`${path}${search}`)).status).toBe(401);
  });
});

describe('a visit without a valid code', () => {
  test('is told what to do, and a new link is printed where the node runs', async () => {
    const { ask, links } = await someSite();

    const { status, headers, body } = await ask('/');

    expect([status, headers['content-type']?.toLowerCase()]).toEqual([
      401,
      'text/plain;charset=utf-8',
    ]);
    expect(body).toBe(
      'Link missing, used or expired. A link is single use and expires in 60 seconds.\n' +
        'Copy the new one from the terminal where the node runs.\n',
    );
    expect(links).toHaveLength(1);
    expect(body + JSON.stringify(headers)).not.toContain(new URL(links[0]!).search);
    expect((await ask(searchOf(links[0]!))).status).toBe(303);
  });

  test('causes at most five new links a minute', async () => {
    const { ask, links, clock } = await someSite();
    for (let visit = 0; visit < 20; visit += 1) await ask('/');
    expect(links).toHaveLength(MAX_NEW_LINKS_PER_MINUTE);
    clock.advance(60_000 / MAX_NEW_LINKS_PER_MINUTE);
    await ask('/');
    expect(links).toHaveLength(MAX_NEW_LINKS_PER_MINUTE + 1);
  });

  test('is told what to do when no new links are printed', async () => {
    const { ask, links } = await someSite({ hasNoListener: true });
    expect((await ask('/')).body).toContain('Get a new one where the node runs.');
    expect(links).toEqual([]);
  });

  test('with many wrong codes is told to wait', async () => {
    const { ask } = await someSite();
    const statuses: number[] = [];
    for (let visit = 0; visit < 7; visit += 1) statuses.push((await ask('/?code=wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  test('to another path gets no answer and no new link', async () => {
    const { ask, links } = await someSite();
    for (const path of ['/api/session', '/api/stream', '/api/life', '/api/focus', '/favicon.ico'])
      expect((await ask(path)).status).toBe(401);
    expect(links).toEqual([]);
  });
});

describe('a cookie', () => {
  test('is found among other cookies', async () => {
    const { ask, signIn } = await someSite();
    const cookie = await signIn();
    expect((await ask('/', { cookie: `a=b; ${cookie}; c="d"` })).status).toBe(200);
  });

  test('that is sent twice is ignored', async () => {
    const { ask, signIn } = await someSite();
    const cookie = await signIn();
    const name = cookie.split('=')[0];
    for (const twice of [`${name}=x; ${cookie}`, `${cookie}; ${name}=x`])
      expect((await ask('/', { cookie: twice })).status).toBe(401);
  });

  test('of one inspector is invalid for another', async () => {
    const [one, other] = [await someSite(), await someSite()];
    const cookie = (await one.signIn()).replace(`${one.port}`, `${other.port}`);
    expect((await other.ask('/', { cookie })).status).toBe(401);
  });
});
