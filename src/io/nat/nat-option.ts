/** The option `nat`: how others reach us. Source: go-ethereum p2p/nat/nat.go, `Parse`. */
import type { Endpoint } from '../wire/endpoint.ts';
import { isHostAddress, plainHost } from '../wire/ip-address.ts';
import { printable } from '../wire/printable.ts';

export type NatMechanism =
  | { readonly kind: 'none' | 'any' | 'upnp' }
  /** The operator gave the external address. */
  | { readonly kind: 'extip'; readonly host: string }
  /** Null: the router is guessed. */
  | { readonly kind: 'pmp'; readonly router: string | null }
  /** Null: servers of a built-in list. The host may be a name. */
  | { readonly kind: 'stun'; readonly server: Endpoint | null };

const KINDS: ReadonlyMap<string, NatMechanism['kind']> = new Map([
  ['', 'none'],
  ['none', 'none'],
  ['off', 'none'],
  ['any', 'any'],
  ['auto', 'any'],
  ['on', 'any'],
  ['extip', 'extip'],
  ['ip', 'extip'],
  ['upnp', 'upnp'],
  ['pmp', 'pmp'],
  ['natpmp', 'pmp'],
  ['nat-pmp', 'pmp'],
  ['stun', 'stun'],
]);

const NAT_FORMS = 'none, any, upnp, pmp, pmp:<router>, stun, stun:<host>:<port>, extip:<address>';

const SERVER = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;
const DEFAULT_STUN_PORT = 3_478;
const MAX_PORT = 65_535;

/** @throws {TypeError} Says what is wrong. */
export function parseNat(text: string): NatMechanism {
  const colon = text.indexOf(':');
  const word = (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
  const rest = colon < 0 ? null : text.slice(colon + 1);
  const kind = KINDS.get(word);
  const got = `got "${printable(text, 60)}"`;
  if (kind === undefined) throw new TypeError(`"nat" expected one of ${NAT_FORMS}; ${got}`);
  if (kind === 'stun') return { kind, server: rest === null ? null : serverIn(rest, got) };
  if (kind === 'pmp') return { kind, router: rest === null ? null : addressIn(rest, got) };
  if (kind === 'extip') {
    if (rest === null) throw new TypeError(`"nat" expected an address after "${word}:"; ${got}`);
    return { kind, host: addressIn(rest, got) };
  }
  if (rest !== null) throw new TypeError(`"nat" expected nothing after "${word}"; ${got}`);
  return { kind };
}

function addressIn(text: string, got: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (!isHostAddress(host))
    throw new TypeError(`"nat" expected the IP address of one host after ":"; ${got}`);
  return plainHost(host);
}

function serverIn(text: string, got: string): Endpoint {
  const [, host = '', digits] = SERVER.exec(text) ?? [];
  const port = digits === undefined ? DEFAULT_STUN_PORT : Number(digits);
  if (host === '' || port < 1 || port > MAX_PORT)
    throw new TypeError(`"nat" expected a STUN server as <host>:<port>; ${got}`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}
