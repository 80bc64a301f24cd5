/**
 * Who may look: a code, good once and for a minute, is exchanged for a session. Of both only hashes are kept, and
 * neither is ever written to a log. Knows no requests and no answers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { TokenBucket } from '../../io/process/token-bucket.ts';

/** How long a code is good, in ms. */
export const CODE_MS = 60_000;

/** Codes at once; the oldest leaves first. More than late visitors can ask for in the life of one. Ours. */
const MAX_CODES = 16;

/** Sessions at once; the oldest leaves first. */
export const MAX_SESSIONS = 32;

/** Wrong codes a minute that are told so. */
export const MAX_FAILURES_PER_MINUTE = 5;

/** Of every secret here. */
const SECRET_BYTES = 32;

export type Session = {
  /** To be sent with each action: what makes a browser ask first, and what a foreign page cannot know. */
  readonly token: string;
};

/** `cookie` is the secret of a new session. */
export type CodeResult =
  | { readonly type: 'admitted'; readonly cookie: string }
  | { readonly type: 'wrong' }
  | { readonly type: 'tooMany' };

export type SessionsOptions = { readonly clock: Clock; readonly random: Random };

export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failures: TokenBucket;
  #codes: readonly { readonly hash: Buffer; readonly goodUntil: number }[] = [];
  #sessions: readonly { readonly hash: Buffer; readonly session: Session }[] = [];

  constructor({ clock, random }: SessionsOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#failures = perMinute(clock, MAX_FAILURES_PER_MINUTE);
  }

  /** For a link. */
  newCode(): string {
    const code = this.#secret();
    const goodUntil = this.#clock.now() + CODE_MS;
    this.#codes = [...this.#codes, { hash: hashOf(code), goodUntil }].slice(-MAX_CODES);
    return code;
  }

  /** A right code works however many wrong ones there were: it cannot be guessed, and nobody is to be locked out. */
  redeem(code: string): CodeResult {
    const now = this.#clock.now();
    const found = find(this.#codes, code);
    this.#codes = this.#codes.filter((other) => other !== found && other.goodUntil > now);
    if (!found || found.goodUntil <= now)
      return { type: this.#failures.take() ? 'wrong' : 'tooMany' };
    const cookie = this.#secret();
    const session = { token: this.#secret() };
    this.#sessions = [...this.#sessions, { hash: hashOf(cookie), session }].slice(-MAX_SESSIONS);
    return { type: 'admitted', cookie };
  }

  /** @param cookie The secret of a session, or anything else. */
  sessionOf(cookie: string): Session | null {
    return find(this.#sessions, cookie)?.session ?? null;
  }

  #secret(): string {
    return Buffer.from(this.#random(SECRET_BYTES)).toString('base64url');
  }
}

/** So many at once and so many a minute. */
export const perMinute = (clock: Clock, count: number): TokenBucket =>
  new TokenBucket({ clock, size: count, perSecond: count / 60 });

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(hashOf(a), hashOf(b));

const find = <Held extends { readonly hash: Buffer }>(
  all: readonly Held[],
  secret: string,
): Held | undefined => {
  const hash = hashOf(secret);
  return all.filter((held) => timingSafeEqual(held.hash, hash))[0]; // looks at all of them
};

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
