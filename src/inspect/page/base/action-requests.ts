/** Actions of a viewer, as requests to the server. */
import type { Ask } from './server-access.ts';

export type ActionName =
  | 'addPeer'
  | 'removePeer'
  | 'addTrustedPeer'
  | 'removeTrustedPeer'
  | 'disconnect';

export type ActionBody = { readonly enode: string } | { readonly id: string };

/** Longest error of the server that is shown, in UTF-16 units. */
const MAX_ERROR = 300;

/** @param ask Sends the token of the session. @returns null on success, otherwise a sentence for people. */
export async function act(ask: Ask, name: ActionName, body: ActionBody): Promise<string | null> {
  try {
    const answer = await ask(`api/actions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
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
