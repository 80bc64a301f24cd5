/**
 * Codes of links and the sessions they are exchanged for. A code is single use and expires after a minute. Only hashes of
 * secrets are kept, and none is ever logged. Knows no requests and no answers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { TokenBucket } from '../../io/process/token-bucket.ts';

/** How long a code is valid, in ms. */
export const CODE_MS = 60_000;

/** Valid codes at once; the oldest is dropped. More than visits can cause while one is valid. Ours. */
const MAX_CODES = 16;

/** Sessions at once; the oldest is dropped. */
export const MAX_SESSIONS = 32;

/** Wrong codes a minute; further ones are answered with 429. */
export const MAX_FAILURES_PER_MINUTE = 5;

/** Length of each code, cookie and token. */
const SECRET_BYTES = 32;

export type Session = {
  /** Sent as a header with each action: a page of another origin cannot know it. */
  readonly token: string;
};

/** `cookie` is the value for the new session. */
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

  /** A right code works however many wrong ones there were: it cannot be guessed, and wrong ones must not lock users out. */
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

  /** @param cookie The value of the cookie, or any other text. */
  sessionOf(cookie: string): Session | null {
    return find(this.#sessions, cookie)?.session ?? null;
  }

  #secret(): string {
    return Buffer.from(this.#random(SECRET_BYTES)).toString('base64url');
  }
}

/** `count` at once and `count` a minute. */
export const perMinute = (clock: Clock, count: number): TokenBucket =>
  new TokenBucket({ clock, size: count, perSecond: count / 60 });

/** Compares two secrets in a time that does not depend on where they differ. */
export const isSame = (a: string, b: string): boolean => timingSafeEqual(hashOf(a), hashOf(b));

const find = <Held extends { readonly hash: Buffer }>(
  all: readonly Held[],
  secret: string,
): Held | undefined => {
  const hash = hashOf(secret);
  return all.filter((held) => timingSafeEqual(held.hash, hash))[0]; // compares all of them, in constant time
};

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
