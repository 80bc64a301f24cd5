/**
 * From a link to a session: the code in the link is exchanged for a cookie, and a redirect removes it from the address
 * bar. A visit without a valid code gets a page that says what to do, and a new link is printed where the node runs.
 */

import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { CODE_MS, perMinute, type Session, Sessions } from './sessions.ts';

/** New links a minute that visits without a valid code can cause. */
export const MAX_NEW_LINKS_PER_MINUTE = 5;

export type SignInOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the page, such as `http://127.0.0.1:40123`. */
  readonly address: string;
  /** Cookies are shared by all ports of a host: the name keeps two inspectors apart. */
  readonly cookieName: string;
  /** Called with links made for visits without a valid code. Without it, none are made. */
  readonly onLink: ((link: string) => void) | undefined;
};

export class SignIn {
  readonly #options: SignInOptions;
  readonly #sessions: Sessions;
  readonly #newLinks;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
    this.#newLinks = perMinute(options.clock, MAX_NEW_LINKS_PER_MINUTE);
  }

  /** Single use, expires after `CODE_MS`. */
  newLink(): string {
    return `${this.#options.address}/?code=${this.#sessions.newCode()}`;
  }

  /** @param cookies The `Cookie` header. */
  sessionOf(cookies: string | undefined): Session | null {
    const prefix = `${this.#options.cookieName}=`;
    const mine = (cookies ?? '').split(/; */).filter((cookie) => cookie.startsWith(prefix));
    return mine.length === 1 ? this.#sessions.sessionOf(mine[0]!.slice(prefix.length)) : null;
  }

  /** The answer to a visit of `/` without a session. */
  answer(code: string | undefined): Response {
    if (code === undefined) return this.#linkNeeded();
    const redeemed = this.#sessions.redeem(code);
    switch (redeemed.type) {
      case 'admitted': {
        const cookie = `${this.#options.cookieName}=${redeemed.cookie}`;
        return new Response(null, {
          status: 303,
          headers: { Location: '/', 'Set-Cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/` },
        });
      }
      case 'wrong':
        return this.#linkNeeded();
      case 'tooMany':
        return new Response('Too many wrong links. Wait a minute.\n', { status: 429 });
    }
  }

  #linkNeeded(): Response {
    const { onLink } = this.#options;
    if (onLink && this.#newLinks.take()) onLink(this.newLink());
    const where = onLink
      ? 'Copy the new one from the terminal where the node runs.'
      : 'Get a new one where the node runs.';
    const seconds = CODE_MS / 1_000;
    return new Response(
      `Link missing, used or expired. A link is single use and expires in ${seconds} seconds.\n${where}\n`,
      { status: 401 },
    );
  }
}
