/** Actions of a viewer, as requests to the server: the session token, and one request for each action. */

/** The answer of `/api/session`. */
export type ServerSession = {
  readonly token: string;
  readonly actions: boolean;
  readonly source: 'live' | 'file';
};

export type ActionName =
  | 'addPeer'
  | 'removePeer'
  | 'addTrustedPeer'
  | 'removeTrustedPeer'
  | 'disconnect';

export type ActionBody = { readonly enode: string } | { readonly id: string };

/** `fetch` of the browser. */
export type Ask = (url: string, init?: RequestInit) => Promise<Response>;

/** A header that no page of another origin can send. */
const TOKEN_HEADER = 'x-peerchart-token';

/** Longest error of the server that is shown, in UTF-16 units. */
const MAX_ERROR = 300;

/** @throws if the server cannot be reached or its answer is not a session. */
export async function readSession(ask: Ask): Promise<ServerSession> {
  const answer = await ask('api/session');
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const said: unknown = await answer.json();
  const { token, actions, source } = (said ?? {}) as Partial<Record<keyof ServerSession, unknown>>;
  if (typeof token !== 'string') throw new Error('The server sent no session.');
  return { token, actions: actions === true, source: source === 'file' ? 'file' : 'live' };
}

/** @returns null on success, otherwise a sentence for people. */
export async function act(
  ask: Ask,
  token: string,
  name: ActionName,
  body: ActionBody,
): Promise<string | null> {
  try {
    const answer = await ask(`api/actions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [TOKEN_HEADER]: token },
      body: JSON.stringify(body),
    });
    return answer.ok ? null : await refusalIn(answer);
  } catch {
    return 'The server cannot be reached.';
  }
}

async function refusalIn(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => null)) as { readonly error?: unknown } | null;
  const { error } = said ?? {};
  return typeof error === 'string' && error !== ''
    ? `Failed: ${error.slice(0, MAX_ERROR)}`
    : `Failed: the server answered ${answer.status}.`;
}
