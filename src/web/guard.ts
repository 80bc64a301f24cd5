/**
 * Which requests are answered at all, checked before anything else: requests that a page of another origin makes a
 * browser send are denied. Knows no sessions and no routes.
 * Against DNS rebinding, forged requests and open CORS; see the Fetch standard, "Sec-Fetch-Site".
 */

/** The part of a Node request that is checked. */
export type RequestHead = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values alternating, as received: Node's other header fields drop the second of two Host headers. */
  readonly rawHeaders: readonly string[];
};

/** `text` is the whole body of the answer. */
export type Denial = { readonly status: 403 | 405 | 415 | 421; readonly text: string };

export type GuardRules = {
  /** From `allowedHosts`. */
  readonly hosts: ReadonlySet<string>;
  /** Whether a POST may go to this path, which is as received. */
  readonly mayPost: (url: string) => boolean;
};

/** Sent with every answer, denials included. There is never a CORS header. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
});

/** The only valid Host headers. Browsers omit the port when it is 80. */
export function allowedHosts(port: number, names: readonly string[]): ReadonlySet<string> {
  const all = ['127.0.0.1', '[::1]', 'localhost', ...names];
  return new Set(all.map((name) => (port === 80 ? name : `${name}:${port}`)));
}

/** Null when the request may be answered. */
export function denialOf(asked: RequestHead, { hosts, mayPost }: GuardRules): Denial | null {
  const { method = '', url = '' } = asked;
  const [host, ...moreHosts] = valuesOf(asked, 'host');
  // an absolute URL would override Host; with DNS rebinding, a page of an attacker has our origin
  if (host === undefined || moreHosts.length > 0 || !hosts.has(host) || !url.startsWith('/'))
    return { status: 421, text: 'this server does not answer for that host' };
  if (valuesOf(asked, 'origin').some((origin) => origin !== `http://${host}`)) return FOREIGN;
  const isRead = method === 'GET' || method === 'HEAD';
  const sites = isRead ? ['same-origin', 'none'] : ['same-origin']; // 'none' is a typed address, which is always a GET
  if (valuesOf(asked, 'sec-fetch-site').some((site) => !sites.includes(site))) return FOREIGN;
  if (isRead) return null;
  if (method !== 'POST' || !mayPost(url)) return { status: 405, text: 'method not allowed' };
  const [type, ...moreTypes] = valuesOf(asked, 'content-type');
  const isJson = moreTypes.length === 0 && JSON_TYPE.test(type ?? '');
  return isJson ? null : { status: 415, text: 'expected application/json' };
}

const FOREIGN: Denial = { status: 403, text: 'requests from other origins are not allowed' };

const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

const valuesOf = ({ rawHeaders }: RequestHead, name: string): readonly string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
