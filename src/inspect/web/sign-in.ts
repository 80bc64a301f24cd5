/**
 * From a link to a session. The page sends the code in the link and gets the token of a new session, which it keeps in its
 * tab: there is no cookie, because every port of a host shares them. A visit without a valid code gets told what to do, and
 * a new link is printed where the node runs.
 */
import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { CODE_MS, type CodeResult, perMinute, type Session, Sessions } from './sessions.ts';

/** New links a minute that visits without a valid code can cause. */
export const MAX_NEW_LINKS_PER_MINUTE = 5;

export type SignInOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the page, such as `http://127.0.0.1:40123`. */
  readonly address: string;
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

  /** @param token The header `x-peerchart-token`. */
  sessionOf(token: string | undefined): Session | null {
    return token === undefined ? null : this.#sessions.sessionOf(token);
  }

  /** @param code From a link; anything else is wrong. */
  redeem(code: string): CodeResult {
    const result = this.#sessions.redeem(code);
    const { onLink } = this.#options;
    if (result.type === 'wrong' && onLink && this.#newLinks.take()) onLink(this.newLink());
    return result;
  }

  end(session: Session): void {
    this.#sessions.end(session);
  }

  endAll(): void {
    this.#sessions.endAll();
  }

  /** For a visit without a valid code. */
  get advice(): string {
    const seconds = CODE_MS / 1_000;
    const where = this.#options.onLink
      ? 'Copy the new one from the terminal where the node runs.'
      : 'Get a new one where the node runs.';
    return `Link missing, used or expired. A link is single use and expires in ${seconds} seconds. ${where}`;
  }
}
