import { describe, expect, test } from 'vitest';

import { allowedHosts, SECURITY_HEADERS } from '../../src/web/guard.ts';
import {
  type Answer,
  SECRET,
  type SomeSite,
  someSite,
  textUntilClose,
} from '../inspect/web/page-server-fixture.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const HOSTS = ['own', 'localhost', 'evil.com', '127.0.0.1.nip.io'] as const;
const ORIGINS = [null, 'own', 'http://evil.com', 'null'] as const;
const SITES = [null, 'same-origin', 'none', 'same-site', 'cross-site'] as const;
const TYPES = [null, 'application/json', 'text/plain', 'multipart/form-data'] as const;

type Combination = {
  readonly method: string;
  readonly host: (typeof HOSTS)[number];
  readonly origin: (typeof ORIGINS)[number];
  readonly site: (typeof SITES)[number];
  readonly type: (typeof TYPES)[number];
  readonly hasToken: boolean;
};

const COMBINATIONS: readonly Combination[] = [...combinations()].filter(isChosen);

function* combinations(): Generator<Combination> {
  for (const method of METHODS)
    for (const host of HOSTS)
      for (const origin of ORIGINS)
        for (const site of SITES)
          for (const type of TYPES)
            for (const hasToken of [true, false])
              yield { method, host, origin, site, type, hasToken };
}

/** Some 340 of all 3,840: those that come closest to being let in, of which one or two things are wrong. */
function isChosen({ method, host, origin, site, type, hasToken }: Combination): boolean {
  const wrong = [
    host === 'own' || host === 'localhost',
    origin === null || origin === 'own',
    site === null || site === 'same-origin',
    hasToken,
    type === (method === 'POST' ? 'application/json' : null),
    method === 'GET' || method === 'POST',
  ].filter((isRight) => !isRight).length;
  const plain = [host === 'own', origin === null, site === 'same-origin'].filter(Boolean).length;
  return wrong <= 1 || (wrong === 2 && plain >= 2);
}

/** What is answered, written down by hand: first row that fits. Nothing in it is the guard's. */
const EXPECTED: readonly (readonly [status: number, when: (asked: Combination) => boolean])[] = [
  [421, ({ host }) => host === 'evil.com' || host === '127.0.0.1.nip.io'],
  [403, ({ origin }) => origin === 'http://evil.com' || origin === 'null'],
  [403, ({ site }) => site === 'same-site' || site === 'cross-site'],
  [403, ({ site, method }) => site === 'none' && !['GET', 'HEAD'].includes(method)],
  [405, ({ method }) => ['PUT', 'DELETE', 'OPTIONS'].includes(method)],
  [415, ({ method, type }) => method === 'POST' && type !== 'application/json'],
  [401, ({ hasToken }) => !hasToken],
  [200, () => true],
];

test('the matrix is large and contains allowed requests', () => {
  expect(COMBINATIONS.length).toBeGreaterThan(300);
  const statuses = COMBINATIONS.map(expectedOf);
  expect(new Set(statuses)).toEqual(new Set([200, 401, 403, 405, 415, 421]));
});

test('no combination of wrong headers gets an answer', async () => {
  const added: string[] = [];
  const some = await someSite({ target: { ...noTarget(), addPeer: (enode) => added.push(enode) } });
  const token = await some.signIn();
  const wrong: unknown[] = [];
  for (const asked of COMBINATIONS) {
    some.clock.advance(1_000); // no limit of actions is in the way
    const answer = await askAs(some, asked, token);
    const isWrong =
      answer.status !== expectedOf(asked) ||
      (answer.status !== 200 && answer.body.includes(SECRET)) ||
      (answer.status !== 200 && answer.body.length > 150) ||
      Object.keys(answer.headers).some((name) => name.startsWith('access-control')) ||
      answer.headers['x-frame-options'] !== 'DENY';
    if (isWrong) wrong.push([asked, answer]);
  }
  expect(wrong).toEqual([]);
  expect(some.faults).toEqual([]);
  const actions = COMBINATIONS.filter(
    (asked) => asked.method === 'POST' && expectedOf(asked) === 200,
  );
  expect(added).toEqual(actions.map(() => 'an enode'));
});

const expectedOf = (asked: Combination): number => EXPECTED.find(([, fits]) => fits(asked))![0];

function askAs(some: SomeSite, asked: Combination, token: string): Promise<Answer> {
  const { method, host, origin, site, type, hasToken } = asked;
  const name = { own: `127.0.0.1:${some.port}`, localhost: `localhost:${some.port}` };
  const called = host === 'own' || host === 'localhost' ? name[host] : `${host}:${some.port}`;
  return some.ask(method === 'POST' ? '/api/actions/addPeer' : '/api/steps', {
    method,
    headers: [
      ...['Host', called],
      ...(origin === null ? [] : ['Origin', origin === 'own' ? `http://${called}` : origin]),
      ...(site === null ? [] : ['Sec-Fetch-Site', site]),
      ...(type === null ? [] : ['Content-Type', type]),
    ],
    ...(hasToken && { token }),
    ...(method === 'POST' && { body: '{"enode":"an enode"}' }),
  });
}

function noTarget() {
  const never = (): never => expect.unreachable();
  return {
    addPeer: never,
    removePeer: never,
    addTrustedPeer: never,
    removeTrustedPeer: never,
    peers: [],
  };
}

describe('Host', () => {
  const hostsOf = (port: number): readonly string[] => [
    'evil.com',
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${port + 1}`,
    `127.0.0.1:0${port}`,
    `LOCALHOST:${port}`,
    `Localhost:${port}`,
    `localhost.:${port}`,
    `127.0.0.1.:${port}`,
    `127.1:${port}`,
    `0.0.0.0:${port}`,
    `[::1%lo]:${port}`,
    `[0:0:0:0:0:0:0:1]:${port}`,
    `user@127.0.0.1:${port}`,
    `127.0.0.1:${port}@evil.com`,
    `127.0.0.1:${port},evil.com`,
    `node.example:${port}`,
  ];

  test('with another name is denied with a fixed text', async () => {
    const some = await someSite();
    const token = await some.signIn();
    for (const host of hostsOf(some.port)) {
      const answer = await some.ask('/api/steps', { headers: ['Host', host], token });
      expect([host, answer.status, answer.body]).toEqual([
        host,
        421,
        'this server does not answer for that host\n',
      ]);
    }
  });

  test('may be loopback or a configured name', async () => {
    const some = await someSite({ hostNames: ['node.example'] });
    const token = await some.signIn();
    for (const name of ['127.0.0.1', 'localhost', '[::1]', 'node.example']) {
      const headers = ['Host', `${name}:${some.port}`];
      const answer = await some.ask('/api/steps', { headers, token });
      expect([name, answer.status, answer.body.includes(SECRET)]).toEqual([name, 200, true]);
    }
  });

  test('omits the port when it is 80', () => {
    expect([...allowedHosts(80, ['node.example'])]).toEqual([
      '127.0.0.1',
      '[::1]',
      'localhost',
      'node.example',
    ]);
  });

  test.for<[string, (port: number) => string, number]>([
    ['is missing', () => 'GET / HTTP/1.1\r\n', 400],
    ['is missing in HTTP/1.0', () => 'GET / HTTP/1.0\r\n', 421],
    ['is empty', () => 'GET / HTTP/1.1\r\nHost: \r\n', 421],
    [
      'is there twice',
      (port) => `GET /api/steps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.com\r\n`,
      421,
    ],
    [
      'is there twice, in other letters',
      (port) => `GET /api/steps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nhOST: 127.0.0.1:${port}\r\n`,
      421,
    ],
    [
      'is contradicted by an absolute URL',
      (port) => `GET http://evil.com/api/steps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`,
      421,
    ],
    [
      'is repeated by an absolute URL',
      (port) => `GET http://127.0.0.1:${port}/api/steps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`,
      421,
    ],
    ['goes with no path', (port) => `OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`, 421],
    ['goes with an authority', (port) => `CONNECT a:1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`, 0],
  ])('%s', async ([, head, status], { expect }) => {
    const some = await someSite();
    const token = await some.signIn();
    const socket = some.connect();
    const text = textUntilClose(socket);
    socket.write(`${head(some.port)}x-peerchart-token: ${token}\r\nConnection: close\r\n\r\n`);
    const answer = await text;
    expect(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)).toBe(status);
    expect(answer).not.toContain(SECRET);
  });

  test.for(['host', 'HOST', 'HoSt'])('may be written %s', async (name, { expect }) => {
    const some = await someSite();
    const token = await some.signIn();
    const socket = some.connect();
    const text = textUntilClose(socket);
    const head = `GET /api/steps HTTP/1.1\r\n${name}: 127.0.0.1:${some.port}\r\nConnection: close\r\n`;
    socket.write(`${head}x-peerchart-token: ${token}\r\n\r\n`);
    expect(await text).toContain(SECRET);
  });
});

describe('duplicate headers', () => {
  test.for<[string, string, string, number]>([
    ['Origin', 'own', 'http://evil.com', 403],
    ['Sec-Fetch-Site', 'same-origin', 'cross-site', 403],
  ])('both count: %s', async ([name, right, wrong, status], { expect }) => {
    const some = await someSite();
    const token = await some.signIn();
    const own = right === 'own' ? `http://127.0.0.1:${some.port}` : right;
    const answer = await some.ask('/api/steps', { headers: [name, own, name, wrong], token });
    expect([answer.status, answer.body.includes(SECRET)]).toEqual([status, false]);
  });

  test('of a content type are denied', async () => {
    const some = await someSite({ target: noTarget() });
    const headers = ['Content-Type', 'application/json', 'Content-Type', 'text/plain'];
    const token = await some.signIn();
    const answer = await some.ask('/api/actions/addPeer', { method: 'POST', headers, token });
    expect(answer.status).toBe(415);
  });
});

describe('a POST', () => {
  test.for<[string, number]>([
    ['/', 405],
    ['/api/session?code=x', 405],
    ['/api/session/other', 405],
    ['/api/session', 401],
    ['/api/session/close', 204],
    ['/api/stream', 405],
    ['/x/../api/actions/addPeer', 405],
    ['//api/actions/addPeer', 405],
    ['/api/actions/', 404],
  ])('goes to the session and to actions only: %s', async ([path, status], { expect }) => {
    const some = await someSite({ target: noTarget() });
    const headers = ['Content-Type', 'application/json'];
    const asked = { method: 'POST', headers, body: '{}', token: await some.signIn() };
    expect((await some.ask(path, asked)).status).toBe(status);
  });
});

test('every answer has the security headers, denials too', async () => {
  const some = await someSite();
  const token = await some.signIn();
  const answers = [
    await some.ask('/', { token }),
    await some.ask('/api/steps'),
    await some.ask('/', { headers: ['Host', 'evil.com'] }),
    await some.ask('/nothing', { token }),
    await some.ask('/', { method: 'PUT', token }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 421, 404, 405]);
  for (const { headers } of answers)
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      expect(headers[name.toLowerCase()]).toBe(value);
  expect(SECURITY_HEADERS['Content-Security-Policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      "img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'",
  );
});
