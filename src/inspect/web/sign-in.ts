/**
 * How a person comes in: the link with its code leads to a cookie and out of the address bar again. Whoever comes too
 * late gets a page in plain words, and a new link is made where the node runs.
 */

import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { CODE_MS, perMinute, type Session, Sessions } from './sessions.ts';

/** New links a minute that visitors can cause. */
export const MAX_NEW_LINKS_PER_MINUTE = 5;

export type SignInOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the page is, such as `http://127.0.0.1:40123`. */
  readonly address: string;
  /** Cookies are of a host with all its ports: one name each keeps two inspectors apart. */
  readonly cookieName: string;
  /** Hears of links that were made for late visitors. Without one, none are made. */
  readonly onLink: ((link: string) => void) | undefined;
};

export class SignIn {
  readonly #options: SignInOptions;
  readonly #pass: Sessions;
  readonly #late;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#pass = new Sessions(options);
    this.#late = perMinute(options.clock, MAX_NEW_LINKS_PER_MINUTE);
  }

  /** Good once and for `CODE_MS`. */
  newLink(): string {
    return `${this.#options.address}/?code=${this.#pass.newCode()}`;
  }

  /** @param cookies The header of that name. */
  sessionOf(cookies: string | undefined): Session | null {
    const prefix = `${this.#options.cookieName}=`;
    const mine = (cookies ?? '').split(/; */).filter((cookie) => cookie.startsWith(prefix));
    return mine.length === 1 ? this.#pass.sessionOf(mine[0]!.slice(prefix.length)) : null;
  }

  /** For somebody at `/` without a session. */
  answer(code: string | undefined): Response {
    if (code === undefined) return this.#turnAway();
    const redeemed = this.#pass.redeem(code);
    switch (redeemed.type) {
      case 'admitted': {
        const cookie = `${this.#options.cookieName}=${redeemed.cookie}`;
        return new Response(null, {
          status: 303,
          headers: { Location: '/', 'Set-Cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/` },
        });
      }
      case 'wrong':
        return this.#turnAway();
      case 'tooMany':
        return new Response('Too many wrong links. Wait a minute.\n', { status: 429 });
    }
  }

  #turnAway(): Response {
    const { onLink } = this.#options;
    if (onLink && this.#late.take()) onLink(this.newLink());
    const where = onLink
      ? 'A new one was made where the node runs: look there.'
      : 'Ask for a new one where the node runs.';
    const seconds = CODE_MS / 1_000;
    return new Response(
      `This page opens with a link that is good once, and for ${seconds} seconds.\n${where}\n`,
      { status: 401 },
    );
  }
}
