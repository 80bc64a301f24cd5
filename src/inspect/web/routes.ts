/** The routes of an inspector: what is behind each address, once the guard has let a request through. */

import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';

import type { Clock } from '../../io/process/clock.ts';
import type { ActorNumber, Frame, FrameSource, SessionInfo } from '../protocol.ts';
import { type ActionTarget, actionRoutes } from './actions.ts';
import { type Assets, assetResponse } from './assets.ts';
import { type EventStreams, MAX_VIEWERS } from './event-streams.ts';
import { ACTIONS_PATH } from './guard.ts';
import type { Session } from './sessions.ts';
import type { SignIn } from './sign-in.ts';

/** What is shown: a server as it lives, or a file. */
export type PageContent =
  | {
      readonly source: 'live';
      readonly frames: FrameSource;
      readonly streams: EventStreams;
      /** Null when viewers may only look. */
      readonly target: ActionTarget | null;
    }
  | { readonly source: 'file'; readonly open: () => Readable };

export type RouteOptions = {
  readonly shown: PageContent;
  readonly assets: Assets;
  readonly entrance: SignIn;
  readonly clock: Clock;
  /** Hears of mistakes of ours. */
  readonly onFault: (error: unknown) => void;
};

type RouteEnv = { Bindings: HttpBindings; Variables: { session: Session } };

export function routesOf({
  shown,
  assets,
  entrance,
  clock,
  onFault,
}: RouteOptions): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>();
  app.use(async (c, next) => {
    const session = entrance.sessionOf(c.req.header('cookie'));
    if (session) {
      c.set('session', session);
      return next();
    }
    // only a GET: what looks at a link beforehand must not use it up
    if (c.req.path === '/' && c.req.method === 'GET') return entrance.answer(c.req.query('code'));
    return c.text('This needs a session: open the link of the inspector.\n', 401);
  });
  app.get('/api/session', (c) => {
    const { token } = c.get('session');
    const actions = shown.source === 'live' && shown.target !== null;
    return c.json<SessionInfo>({ token, actions, source: shown.source });
  });
  if (shown.source === 'file') addRecording(app, shown.open, onFault);
  else addLive(app, shown);
  if (shown.source === 'live' && shown.target)
    app.route(ACTIONS_PATH.slice(0, -1), actionRoutes({ target: shown.target, clock, onFault }));
  app.get('*', (c) => {
    if (c.req.path === '/' && c.req.query('code') !== undefined) return c.redirect('/', 303);
    const asset = assets.get(c.req.path);
    if (asset) return assetResponse(asset, c.req.header('accept-encoding'));
    if (c.req.path === '/') return c.text(NOT_BUILT, 503);
    return c.notFound();
  });
  app.notFound((c) => c.text('There is nothing here.\n', 404));
  app.onError((error, c) => {
    onFault(error);
    return c.text('internal error\n', 500);
  });
  return app;
}

const NOT_BUILT =
  'The page of the inspector is not built. In the folder of peerchart: npm run build\n';

function addLive(
  app: Hono<RouteEnv>,
  { frames, streams, target }: PageContent & { source: 'live' },
): void {
  app.get('/api/stream', (c) => {
    const { outgoing } = c.env;
    const actors = actorsIn(c.req.query('focus'));
    if (!actors) return c.text(WRONG_ACTORS, 400);
    if (streams.isFull) return c.text(`At most ${MAX_VIEWERS} viewers at once.\n`, 503);
    if (c.req.method === 'HEAD') return c.body(null, 200, STREAM_HEADERS);
    outgoing.writeHead(200, STREAM_HEADERS);
    streams.open(outgoing, actors);
    return RESPONSE_ALREADY_SENT;
  });
  app.get('/api/focus', (c) => {
    const actors = actorsIn(c.req.query('actors'));
    if (!actors) return c.text(WRONG_ACTORS, 400);
    const isThere = streams.focus(c.req.query('stream') ?? '', actors);
    return isThere ? c.body(null, 204) : c.text('There is no such stream.\n', 404);
  });
  app.get('/api/life', (c) => {
    const actors = actorsIn(c.req.query('actors'));
    if (!actors) return c.text(WRONG_ACTORS, 400);
    const viewer = frames.open({ actions: target !== null });
    try {
      viewer.focus(actors);
      const frame: Frame = viewer.next(0) ?? { t: 0, hz: 0 };
      const { t, hz, names = [], transitions: ways = [], focusedSteps: life = [] } = frame;
      return c.json<Frame>({ t, hz, names, transitions: ways, focusedSteps: life });
    } finally {
      viewer.close();
    }
  });
}

const STREAM_HEADERS = { 'Content-Type': 'text/event-stream' };

const WRONG_ACTORS = 'Expected actors to be up to 4 numbers with commas between them.\n';

/** Null for nonsense. */
function actorsIn(text = ''): readonly ActorNumber[] | null {
  if (text === '') return [];
  return /^\d{1,15}(?:,\d{1,15}){0,3}$/.test(text) ? text.split(',').map(Number) : null;
}

function addRecording(
  app: Hono<RouteEnv>,
  open: () => Readable,
  onFault: (error: unknown) => void,
): void {
  app.get('/api/recording', async (c) => {
    const { outgoing } = c.env;
    const headers = { 'Content-Type': 'application/jsonl' };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    outgoing.writeHead(200, headers);
    try {
      await pipeline(open(), outgoing);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onFault(error);
      outgoing.destroy();
    }
    return RESPONSE_ALREADY_SENT;
  });
}
