/**
 * The actions of a viewer on the server, where they are allowed: a name and a JSON body checked by a schema. The guard and
 * the session check come before.
 * Against forged requests, hostile JSON and floods of actions. Limits: ours.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { ServerError } from '../../api/server-error.ts';
import type { Clock } from '../../io/process/clock.ts';
import { TokenBucket } from '../../io/process/token-bucket.ts';
import type { ObservedServer } from '../../server/observation.ts';
import { readBody } from '../../web/request-body.ts';
import type { ActionName } from '../protocol.ts';

/** Longest body, in bytes: several times the longest enode URL. */
export const MAX_BODY_BYTES = 4 * 1024;

/** Of all viewers together. */
export const ACTIONS_PER_SECOND = 10;

export type ActionTarget = Pick<
  ObservedServer,
  'addPeer' | 'removePeer' | 'addTrustedPeer' | 'removeTrustedPeer' | 'peers'
>;

export type ActionsOptions = {
  readonly target: ActionTarget;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
};

type ActionEnv = { Bindings: HttpBindings };

export function actionRoutes({ target, clock, onFault }: ActionsOptions): Hono<ActionEnv> {
  const rate = new TokenBucket({ clock, size: ACTIONS_PER_SECOND, perSecond: ACTIONS_PER_SECOND });
  const app = new Hono<ActionEnv>();
  app.post('/:name', async (c) => {
    const act = ACTIONS.get(c.req.param('name'));
    if (!act) return errorResponse(c, 404, 'no such action');
    if (!rate.take())
      return errorResponse(c, 429, `at most ${ACTIONS_PER_SECOND} actions a second`);
    const body = await readBody(c.env.incoming, MAX_BODY_BYTES).catch(() => 'cut off' as const);
    if (body === 'cut off') return errorResponse(c, 400, 'the body was cut off'); // no client is left to read it
    if (body === null) return errorResponse(c, 413, `at most ${MAX_BODY_BYTES} bytes`);
    try {
      await act(target, JSON.parse(body.toString('utf8')));
      return c.json({ ok: true });
    } catch (error) {
      const status = statusOf(error);
      if (status === 500) onFault(error);
      return errorResponse(c, status, status === 500 ? 'internal error' : (error as Error).message);
    }
  });
  return app;
}

/** 400 for a wrong request, 409 when the server is in the wrong state, 500 for an internal error. */
function statusOf(error: unknown): 400 | 409 | 500 {
  if (error instanceof ServerError) return 409;
  return error instanceof TypeError || error instanceof SyntaxError || v.isValiError(error)
    ? 400
    : 500;
}

function errorResponse(
  c: Context<ActionEnv>,
  status: 400 | 404 | 409 | 413 | 429 | 500,
  error: string,
): Response {
  if (status === 413) c.header('Connection', 'close'); // the rest of the body is still arriving
  return c.json({ error }, status);
}

/** Parsed values are new objects with the named fields only; other fields of the body are dropped. */
const enodeSchema = v.object({ enode: v.pipe(v.string(), v.maxLength(MAX_BODY_BYTES)) });
const idSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected a node id: 64 hex digits')),
});

type Act = (target: ActionTarget, body: unknown) => unknown;

const withEnode =
  (act: (target: ActionTarget, enode: string) => unknown): Act =>
  (target, body) =>
    act(target, v.parse(enodeSchema, body).enode);

const TABLE = {
  addPeer: withEnode((target, enode) => target.addPeer(enode)),
  removePeer: withEnode((target, enode) => target.removePeer(enode)),
  addTrustedPeer: withEnode((target, enode) => target.addTrustedPeer(enode)),
  removeTrustedPeer: withEnode((target, enode) => target.removeTrustedPeer(enode)),
  disconnect: (target, body) => {
    const { id } = v.parse(idSchema, body);
    const peer = target.peers.find((other) => other.id === id);
    if (!peer) throw new TypeError('no peer has this id');
    peer.disconnect();
  },
} as const satisfies Record<ActionName, Act>;

/** A map, so that inherited names such as `constructor` are no actions. */
const ACTIONS: ReadonlyMap<string, Act> = new Map(Object.entries(TABLE));
