/**
 * The session of this tab: the token that each request sends. It is kept in memory, and in the session storage of the tab
 * for a reload. Neither is readable by another tab, or by a page from another port of the same host, as a cookie would be.
 */

/** `fetch` of the browser. */
export type Ask = (url: string, init?: RequestInit) => Promise<Response>;

/** What a session allows. */
type ServerSession = { readonly actions: boolean; readonly source: 'live' | 'file' };

export type SignInResult =
  | { readonly is: 'in'; readonly session: ServerSession }
  /** `advice` is a sentence for people, of the server. */
  | { readonly is: 'out'; readonly advice: string };

/** A header that no page of another origin can send. */
const TOKEN_HEADER = 'x-peerchart-token';

const STORED_AS = 'peerchart-token';

/** Longest advice that is shown, in UTF-16 units. */
const MAX_ADVICE = 300;

const JSON_TYPE = { 'content-type': 'application/json' };

type TokenStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class ServerAccess {
  readonly #ask: Ask;
  readonly #storage: () => TokenStorage;
  #token: string | null;

  /** @param storage Throws where the browser forbids it; a reload then needs a new link. */
  constructor(ask: Ask, storage: () => TokenStorage) {
    this.#ask = ask;
    this.#storage = storage;
    this.#token = this.#stored((at) => at.getItem(STORED_AS)) ?? null;
  }

  get hasToken(): boolean {
    return this.#token !== null;
  }

  /** Sends the token. */
  readonly request: Ask = (url, init = {}) => {
    const headers = new Headers(init.headers);
    if (this.#token !== null) headers.set(TOKEN_HEADER, this.#token);
    return this.#ask(url, { ...init, headers, credentials: 'omit' });
  };

  /**
   * Exchanges the code of a link, which consumes it, or else resumes the session of this tab.
   * @param code Null without a link. @throws if the server cannot be reached.
   */
  async signIn(code: string | null): Promise<SignInResult> {
    const opened = code === null ? null : await this.#exchange({ code });
    if (opened?.is === 'in') return opened;
    if (this.#token !== null) {
      const answer = await this.request('api/session');
      if (answer.ok) return { is: 'in', session: sessionIn(await answer.json()) };
      this.#keep(null);
    }
    return opened ?? this.#exchange({});
  }

  /** Ends the session on the server. A failure is ignored: the token is forgotten in any case. */
  async close(): Promise<void> {
    const init = { method: 'POST', headers: JSON_TYPE, body: '{}' };
    const closing = this.request('api/session/close', init).catch(() => {});
    this.#keep(null);
    await closing;
  }

  async #exchange(body: { readonly code?: string }): Promise<SignInResult> {
    const init = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) };
    const answer = await this.request('api/session', init);
    const said: unknown = await answer.json().catch(() => null);
    const { token, error } = (said ?? {}) as { readonly token?: unknown; readonly error?: unknown };
    if (answer.ok && typeof token === 'string') {
      this.#keep(token);
      return { is: 'in', session: sessionIn(said) };
    }
    const advice = typeof error === 'string' ? error : `The server answered ${answer.status}.`;
    return { is: 'out', advice: advice.slice(0, MAX_ADVICE) };
  }

  #keep(token: string | null): void {
    this.#token = token;
    this.#stored((at) => {
      if (token === null) at.removeItem(STORED_AS);
      else at.setItem(STORED_AS, token);
    });
  }

  #stored<Value>(act: (storage: TokenStorage) => Value): Value | undefined {
    try {
      return act(this.#storage());
    } catch {
      return undefined; // the browser forbids it, or it is full
    }
  }
}

function sessionIn(said: unknown): ServerSession {
  const { actions, source } = (said ?? {}) as Partial<Record<keyof ServerSession, unknown>>;
  return { actions: actions === true, source: source === 'file' ? 'file' : 'live' };
}
