import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MAX_BLOCKED_MS } from '../../../src/inspect/web/event-stream.ts';
import { MAX_VIEWERS } from '../../../src/inspect/web/event-streams.ts';
import { openPageServer } from '../../../src/inspect/web/page-server.ts';
import type { PageContent } from '../../../src/inspect/web/routes.ts';
import { CLOSE_TIMEOUT_MS } from '../../../src/web/http-server.ts';
import { closed, LOOPBACK } from '../../support/loopback.ts';
import { StepClock } from '../../support/step-clock.ts';
import {
  askAt,
  eventsOf,
  type FakeViewer,
  SECRET,
  SOME_ASSETS,
  type SomeSite,
  signInAt,
  someSite,
  textUntilClose,
} from './page-server-fixture.ts';

const streamRequest = ({ port }: SomeSite, token: string): string =>
  `GET /api/stream HTTP/1.1\r\nHost: ${LOOPBACK}:${port}\r\nx-peerchart-token: ${token}\r\n\r\n`;

describe('a stream', () => {
  test('sends hello and then frame after frame', async () => {
    const some = await someSite();
    const stream = await some.watch();
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    const events = eventsOf(stream);
    expect((await events.next()).value).toEqual({ retry: '1000' });
    const hello = (await events.next()).value;
    expect(hello).toEqual({
      event: 'hello',
      data: expect.stringMatching(/^\{"stream":"[\w-]+"\}$/),
    });
    const frame = { data: JSON.stringify({ t: 1, names: [SECRET], hz: 10 }) };
    expect((await events.next()).value).toEqual(frame);
    some.clock.advance(100);
    expect((await events.next()).value).toEqual(frame);
  });

  test('starts with a focus, and gets another one by its id', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const events = eventsOf(await some.watch('/api/stream?focus=7,9', token));
    await events.next();
    const { stream } = JSON.parse((await events.next()).value.data);
    const viewer = some.source.viewers[0] as FakeViewer;
    expect(viewer.focused).toEqual([7, 9]);
    const { status, body } = await some.ask(`/api/focus?stream=${stream}&actors=1,2,3,4`, {
      token,
    });
    expect([status, body, viewer.focused]).toEqual([204, '', [1, 2, 3, 4]]);
    expect((await some.ask(`/api/focus?stream=${stream}`, { token })).status).toBe(204);
    expect(viewer.focused).toEqual([]);
    expect((await some.ask('/api/focus?stream=x&actors=1', { token })).status).toBe(404);
  });

  test.for([
    '/api/stream?focus=x',
    '/api/stream?focus=1,2,3,4,5',
    '/api/stream?focus=-1',
    '/api/focus?actors=1,,2',
    '/api/focus?actors=1e9',
    '/api/steps?actors=1;2',
    '/api/steps?actors=1234567890123456',
  ])('has no nonsense to look at: %s', async (path, { expect }) => {
    const some = await someSite();
    const { status, body } = await some.ask(path, { token: await some.signIn() });
    expect([status, body]).toEqual([
      400,
      '"actors" expected up to 4 numbers separated by commas.\n',
    ]);
    expect(some.source.viewers).toEqual([]);
  });

  test('is not opened by a HEAD request', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const answer = await some.ask('/api/stream', { method: 'HEAD', token });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(some.source.viewers).toEqual([]);
  });

  test('is open to eight viewers, and to another one when one has left', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const streams = [];
    for (let count = 0; count < MAX_VIEWERS; count += 1)
      streams.push(await some.watch('/api/stream', token));
    const ninth = await some.ask('/api/stream', { token });
    expect([ninth.status, ninth.body]).toEqual([503, 'At most 8 viewers at once.\n']);

    streams[3]!.destroy();
    while (some.streams.isFull) await some.ask('/api/session', { token }); // until it is noticed
    expect((await some.watch('/api/stream', token)).statusCode).toBe(200);
    expect(some.source.viewers).toHaveLength(MAX_VIEWERS);
  });

  test('to viewers that never read is bounded and destroyed in time', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const sockets = Array.from({ length: MAX_VIEWERS }, () => some.connect().pause());
    some.source.frame = { t: 1, names: ['x'.repeat(100_000)] };
    for (const socket of sockets)
      socket.write(
        `GET /api/stream HTTP/1.1\r\nHost: ${LOOPBACK}:${some.port}\r\nx-peerchart-token: ${token}\r\n\r\n`,
      );
    while (some.streams.size < MAX_VIEWERS) await some.ask('/api/session', { token });
    const viewers = [...some.source.viewers] as FakeViewer[];
    const tick = async (times: number): Promise<readonly number[]> => {
      for (let count = 0; count < times; count += 1) {
        some.clock.advance(100);
        await some.ask('/api/session', { token }); // the sockets take what they can
      }
      return viewers.map((viewer) => viewer.asked);
    };
    const full = await tick(150); // the system holds some MiB for each socket
    expect(full.every((count) => count > 1 && count < 120)).toBe(true);
    expect(await tick(50)).toEqual(full);

    some.clock.advance(MAX_BLOCKED_MS);
    while (some.streams.size > 0) await some.ask('/api/session', { token });
    expect([some.source.viewers, some.clock.pending]).toEqual([[], 0]);
  });

  test('ends with the server, after a last frame', async () => {
    const some = await someSite();
    const events = eventsOf(await some.watch());
    for (let count = 0; count < 3; count += 1) await events.next();
    some.source.frame = { t: 99 };
    const closing = some.site.close();
    expect((await events.next()).value).toEqual({ data: '{"t":99,"hz":10}' });
    expect((await events.next()).done).toBe(true);
    await closing;
    expect([some.source.viewers, some.streams.size, some.clock.pending]).toEqual([[], 0, 0]);
  });

  test('ends with the server also for a viewer that does not read', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const socket = some.connect().pause();
    some.source.frame = { t: 1, names: ['x'.repeat(32_000_000)] };
    socket.write(streamRequest(some, token));
    while (some.streams.size === 0) await some.ask('/api/session', { token });
    const gone = closed(socket);
    const closing = some.site.close();
    some.clock.advance(CLOSE_TIMEOUT_MS);
    await closing;
    socket.resume();
    await gone;
    expect([some.source.viewers, some.streams.size]).toEqual([[], 0]);
  });

  test('ends with the server after the last frame for a viewer that has fallen behind', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const socket = some.connect().pause();
    some.source.frame = { t: 1, names: ['x'.repeat(32_000_000)] };
    socket.write(streamRequest(some, token));
    while (some.streams.size === 0) await some.ask('/api/session', { token });
    some.source.frame = { t: 99 };
    const closing = some.site.close();
    const text = textUntilClose(socket);
    socket.resume();
    const received = await text;
    await closing;
    expect(received).toContain('data: {"t":1,');
    expect(received).toContain('data: {"t":99,"hz":10}');
  });

  test('to a viewer that reads slowly stays open as long as it reads', async () => {
    const some = await someSite();
    const token = await some.signIn();
    const socket = some.connect().pause();
    some.source.frame = { t: 1, names: ['x'.repeat(32_000_000)] };
    socket.write(streamRequest(some, token));
    while (some.streams.size === 0) await some.ask('/api/session', { token });
    let bytes = 0;
    for (let reads = 0; bytes < 16_000_000; reads += 1) {
      some.clock.advance(MAX_BLOCKED_MS / 2);
      const end = bytes + 2_000_000;
      while (bytes < end) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) await once(socket, 'readable');
        else bytes += chunk.length;
      }
      for (let turns = 0; turns < 5; turns += 1) await some.ask('/api/session', { token });
      expect([reads, some.streams.size]).toEqual([reads, 1]);
    }
    some.clock.advance(MAX_BLOCKED_MS * 2);
    while (some.streams.size > 0) await some.ask('/api/session', { token });
  });
});

test('the steps of one actor are sent once, with the names they need', async () => {
  const some = await someSite();
  some.source.frame = {
    t: 5,
    names: ['a'],
    transitions: [[0, 0, 0, 0]],
    focusedSteps: [[1, 7, 0, 0, 0]],
    forgotten: [3],
  };
  const { status, body } = await some.ask('/api/steps?actors=7', { token: await some.signIn() });
  expect([status, JSON.parse(body)]).toEqual([
    200,
    { t: 5, hz: 0, names: ['a'], transitions: [[0, 0, 0, 0]], focusedSteps: [[1, 7, 0, 0, 0]] },
  ]);
  expect(some.source.viewers).toEqual([]);
});

test('an error of the source is reported, and not sent to the viewer', async () => {
  const some = await someSite();
  const broken = new Error(SECRET);
  some.source.open = () => {
    throw broken;
  };
  const { status, body } = await some.ask('/api/steps', { token: await some.signIn() });
  expect([status, body, some.faults]).toEqual([500, 'internal error\n', [broken]]);
});

describe('an unknown path', () => {
  test.for(['/index.html', '/assets/../..//etc/passwd', '/%2e%2e/x', '/api', '/api/recording'])(
    'is not found: %s',
    async (path, { expect }) => {
      const some = await someSite();
      const { status, body } = await some.ask(path, { token: await some.signIn() });
      expect([status, body]).toEqual([404, 'Not found.\n']);
    },
  );

  test('of a page that is not built says how to build it', async () => {
    const some = await someSite({ assets: new Map() });
    const { status, headers, body } = await some.ask('/', { token: await some.signIn() });
    expect([status, headers['content-type']?.split(';')[0]]).toEqual([503, 'text/plain']);
    expect(body).toContain('npm run build');
  });
});

describe('a file', () => {
  const show = async (open: () => Readable) => {
    const faults: unknown[] = [];
    const shown: PageContent = { source: 'file', open };
    const where = { host: LOOPBACK, port: 0, hostNames: [], onLink: undefined };
    const site = await openPageServer(
      shown,
      { ...where, onFault: (error) => faults.push(error) },
      { clock: new StepClock(), assets: SOME_ASSETS },
    );
    onTestFinished(() => site.close());
    const port = Number(new URL(site.address).port);
    const { token } = await signInAt(port, site.newLink());
    return { faults, ask: (path: string, method = 'GET') => askAt(port, path, { token, method }) };
  };

  test('is sent unchanged to a browser with a session', async () => {
    const { ask } = await show(() => Readable.from(['{"type":', '"header"}\n']));
    const { status, headers, body } = await ask('/api/recording');
    expect([status, headers['content-type']]).toEqual([200, 'application/jsonl']);
    expect(body).toBe('{"type":"header"}\n');
    expect(JSON.parse((await ask('/api/session')).body)).toMatchObject({
      source: 'file',
      actions: false,
    });
    expect((await ask('/api/recording', 'HEAD')).status).toBe(200);
    expect((await ask('/api/stream')).status).toBe(404);
  });

  test('that cannot be read ends the answer and is reported', async () => {
    const broken = new Error('no such file');
    const { ask, faults } = await show(
      () =>
        new Readable({
          read() {
            this.destroy(broken);
          },
        }),
    );
    await expect(ask('/api/recording')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(faults).toEqual([broken]);
  });

  test('that cannot be opened ends the answer and is reported', async () => {
    const broken = new Error('no such file');
    const { ask, faults } = await show(() => {
      throw broken;
    });
    await expect(ask('/api/recording')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(faults).toEqual([broken]);
  });
});
