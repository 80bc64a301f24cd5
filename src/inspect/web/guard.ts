/**
 * Who may ask at all, judged before anybody reads a cookie: what a web page of somebody else makes a browser send here
 * is turned away. Knows no sessions and no routes but one: where a POST may go.
 * Against DNS rebinding, forged requests and open CORS; see the Fetch standard, "Sec-Fetch-Site".
 */

/** What is judged: of a node request, before anything has been made of it. */
export type RequestHead = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, as they came: Node drops the second of two Host headers from the others. */
  readonly rawHeaders: readonly string[];
};

/** `text` is all that is answered. */
export type Denial = { readonly status: 403 | 405 | 415 | 421; readonly text: string };

/** Where a POST may go. */
export const ACTIONS_PATH = '/api/actions/';

/** With every answer, also with those of refusals. No header of CORS is among them, ever. */
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

/** How browsers call us: these and nothing else. They leave the port out when it is that of HTTP. */
export function allowedHosts(port: number, names: readonly string[]): ReadonlySet<string> {
  const all = ['127.0.0.1', '[::1]', 'localhost', ...names];
  return new Set(all.map((name) => (port === 80 ? name : `${name}:${port}`)));
}

/** Null for whoever may go on. @param hosts Of `allowedHosts`. */
export function denialOf(asked: RequestHead, hosts: ReadonlySet<string>): Denial | null {
  const { method = '', url = '' } = asked;
  const [host, ...moreHosts] = valuesOf(asked, 'host');
  // an absolute URL would count more than Host; under rebinding, a page of somebody else is of our own origin
  if (host === undefined || moreHosts.length > 0 || !hosts.has(host) || !url.startsWith('/'))
    return { status: 421, text: 'not here' };
  if (valuesOf(asked, 'origin').some((origin) => origin !== `http://${host}`)) return FOREIGN;
  const isRead = method === 'GET' || method === 'HEAD';
  const sites = isRead ? ['same-origin', 'none'] : ['same-origin']; // nobody types a POST
  if (valuesOf(asked, 'sec-fetch-site').some((site) => !sites.includes(site))) return FOREIGN;
  if (isRead) return null;
  if (method !== 'POST' || !url.startsWith(ACTIONS_PATH))
    return { status: 405, text: 'method not allowed' };
  const [type, ...moreTypes] = valuesOf(asked, 'content-type');
  const isJson = moreTypes.length === 0 && JSON_TYPE.test(type ?? '');
  return isJson ? null : { status: 415, text: 'expected application/json' };
}

const FOREIGN: Denial = { status: 403, text: 'not from there' };

const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

const valuesOf = ({ rawHeaders }: RequestHead, name: string): readonly string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
