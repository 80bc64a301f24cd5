/** The routes of an inspector, for requests that passed the guard. */

import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';

import type { Clock } from '../../io/process/clock.ts';
import { readBody } from '../../web/request-body.ts';
import type {
  ActorNumber,
  Frame,
  FrameSource,
  SessionInfo,
  SignedIn,
  SignInBody,
} from '../protocol.ts';
import { type ActionTarget, actionRoutes } from './actions.ts';
import { type Assets, assetResponse } from './assets.ts';
import { type EventStreams, MAX_VIEWERS } from './event-streams.ts';
import type { Session } from './sessions.ts';
import type { SignIn } from './sign-in.ts';

/** What the page shows: a running server, or a recording. */
export type PageContent =
  | {
      readonly source: 'live';
      readonly frames: FrameSource;
      readonly streams: EventStreams;
      /** Null when viewers have no actions. */
      readonly target: ActionTarget | null;
    }
  | { readonly source: 'file'; readonly open: () => Readable };

export type RouteOptions = {
  readonly content: PageContent;
  readonly assets: Assets;
  readonly signIn: SignIn;
  readonly clock: Clock;
  /** Called with internal errors. */
  readonly onFault: (error: unknown) => void;
};

type RouteEnv = { Bindings: HttpBindings; Variables: { session: Session } };

const SESSION_PATH = '/api/session';
const CLOSE_SESSION_PATH = '/api/session/close';
const ACTIONS_PATH = '/api/actions/';

/** A POST goes to the session and below actions, to nothing else. */
export const mayPost = (url: string): boolean =>
  url === SESSION_PATH || url === CLOSE_SESSION_PATH || url.startsWith(ACTIONS_PATH);

export function routesOf({
  content,
  assets,
  signIn,
  clock,
  onFault,
}: RouteOptions): Hono<RouteEnv> {
  const app = new Hono<RouteEnv>();
  const actions = content.source === 'live' && content.target !== null;
  const info: SessionInfo = { actions, source: content.source };
  app.post(SESSION_PATH, async (c) => {
    const body = await readBody(c.env.incoming, MAX_SIGN_IN_BYTES).catch(() => null);
    if (body === null) c.header('Connection', 'close'); // the rest of the body is still arriving
    const result = signIn.redeem(body === null ? '' : codeIn(body));
    if (result.type === 'tooMany')
      return c.json({ error: 'Too many wrong links. Wait a minute.' }, 429);
    if (result.type === 'wrong') return c.json({ error: signIn.advice }, 401);
    const before = signIn.sessionOf(c.req.header(TOKEN_HEADER));
    if (before) signIn.end(before);
    return c.json<SignedIn>({ ...info, token: result.token });
  });
  app.use('/api/*', async (c, next) => {
    const session = signIn.sessionOf(c.req.header(TOKEN_HEADER));
    if (!session) return c.json({ error: 'No session: open a link of the inspector.' }, 401);
    c.set('session', session);
    return next();
  });
  app.get(SESSION_PATH, (c) => c.json(info));
  app.post(CLOSE_SESSION_PATH, (c) => {
    signIn.end(c.get('session'));
    return c.body(null, 204);
  });
  if (content.source === 'file') addRecording(app, content.open, onFault);
  else addLive(app, content);
  if (content.source === 'live' && content.target)
    app.route(ACTIONS_PATH.slice(0, -1), actionRoutes({ target: content.target, clock, onFault }));
  app.get('*', (c) => {
    const asset = assets.get(c.req.path);
    if (asset) return assetResponse(asset, c.req.header('accept-encoding'));
    if (c.req.path === '/') return c.text(NOT_BUILT, 503);
    return c.notFound();
  });
  app.notFound((c) => c.text('Not found.\n', 404));
  app.onError((error, c) => {
    onFault(error);
    return c.text('internal error\n', 500);
  });
  return app;
}

/** Like the JSON content type, a header that no form and no page of another origin can send. */
const TOKEN_HEADER = 'x-peerchart-token';

/** Longest body with a code, in bytes. */
const MAX_SIGN_IN_BYTES = 1_024;

/** Empty when there is none. */
function codeIn(body: Buffer): string {
  try {
    const { code } = JSON.parse(body.toString('utf8')) as SignInBody;
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
}

const NOT_BUILT =
  'The page of the inspector is not built. Run this in the folder of peerchart: npm run build\n';

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
    c.get('session').attach(outgoing);
    streams.open(outgoing, actors);
    return RESPONSE_ALREADY_SENT;
  });
  app.get('/api/focus', (c) => {
    const actors = actorsIn(c.req.query('actors'));
    if (!actors) return c.text(WRONG_ACTORS, 400);
    const isKnown = streams.focus(c.req.query('stream') ?? '', actors);
    return isKnown ? c.body(null, 204) : c.text('No stream has this id.\n', 404);
  });
  app.get('/api/steps', (c) => {
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

const WRONG_ACTORS = '"actors" expected up to 4 numbers separated by commas.\n';

/** Null for anything but numbers. */
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
    c.get('session').attach(outgoing);
    try {
      await pipeline(open(), outgoing);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onFault(error);
      outgoing.destroy();
    }
    return RESPONSE_ALREADY_SENT;
  });
}
