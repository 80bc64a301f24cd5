/**
 * Codes of links and the sessions they are exchanged for. A code is single use and expires after a minute; a session has a
 * token that its tab sends with each request. Only hashes of secrets are kept, and none is ever logged. Knows no requests.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { TokenBucket } from '../../io/process/token-bucket.ts';

/** How long a code is valid, in ms. */
export const CODE_MS = 60_000;

/** Valid codes at once; the oldest is dropped. More than visits can cause while one is valid. Ours. */
const MAX_CODES = 16;

/** Sessions at once; the oldest is ended. */
export const MAX_SESSIONS = 32;

/** A session ends this long after its last request or stream, in ms. Ours: a tab may stay in the background for a night. */
export const SESSION_IDLE_MS = 12 * 60 * 60 * 1_000;

/** Wrong codes a minute; further ones are answered with 429. */
export const MAX_FAILURES_PER_MINUTE = 5;

/** Length of each code and token. */
const SECRET_BYTES = 32;

/** The part of a response that is used. */
type OpenResponse = {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
};

export class Session {
  readonly #clock: Clock;
  /** As many as the HTTP server has connections. */
  readonly #responses = new Set<OpenResponse>();
  #usedAt: number;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#usedAt = clock.now();
  }

  get isIdle(): boolean {
    return this.#responses.size === 0 && this.#clock.now() - this.#usedAt >= SESSION_IDLE_MS;
  }

  /** Called with each request. */
  use(): void {
    this.#usedAt = this.#clock.now();
  }

  /** The session is in use until the response is closed, and the response is destroyed when the session ends. */
  attach(response: OpenResponse): void {
    if (this.#hasEnded) {
      response.destroy();
      return;
    }
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      this.use();
    });
  }

  end(): void {
    this.#hasEnded = true;
    for (const response of this.#responses) response.destroy();
  }
}

/** `token` is the secret of the new session. */
export type CodeResult =
  | { readonly type: 'admitted'; readonly token: string }
  | { readonly type: 'wrong' }
  | { readonly type: 'tooMany' };

type HeldSession = { readonly hash: Buffer; readonly session: Session };

export type SessionsOptions = { readonly clock: Clock; readonly random: Random };

export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failures: TokenBucket;
  #codes: readonly { readonly hash: Buffer; readonly goodUntil: number }[] = [];
  #sessions: readonly HeldSession[] = [];

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
    const token = this.#secret();
    const session = new Session(this.#clock);
    this.#keep([...this.#sessions, { hash: hashOf(token), session }].slice(-MAX_SESSIONS));
    return { type: 'admitted', token };
  }

  /** @param token The token of a session, or any other text. */
  sessionOf(token: string): Session | null {
    this.#keep(this.#sessions.filter(({ session }) => !session.isIdle));
    const session = find(this.#sessions, token)?.session ?? null;
    session?.use();
    return session;
  }

  end(session: Session): void {
    this.#keep(this.#sessions.filter((held) => held.session !== session));
  }

  endAll(): void {
    this.#keep([]);
  }

  /** Ends those that are not kept. */
  #keep(sessions: readonly HeldSession[]): void {
    const before = this.#sessions;
    this.#sessions = sessions;
    for (const held of before) if (!sessions.includes(held)) held.session.end();
  }

  #secret(): string {
    return Buffer.from(this.#random(SECRET_BYTES)).toString('base64url');
  }
}

/** `count` at once and `count` a minute. */
export const perMinute = (clock: Clock, count: number): TokenBucket =>
  new TokenBucket({ clock, size: count, perSecond: count / 60 });

const find = <Held extends { readonly hash: Buffer }>(
  all: readonly Held[],
  secret: string,
): Held | undefined => {
  const hash = hashOf(secret);
  return all.filter((held) => timingSafeEqual(held.hash, hash))[0]; // compares all of them, in constant time
};

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
