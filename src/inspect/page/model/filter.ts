/**
 * The filter: free text, and `stage: state: reason: dir: client: ip: id: age:`, each negated by a `-` in front. All terms
 * must match.
 */
import { readSpan } from './durations.ts';
import type { Stage } from './pipeline.ts';

const FILTER_KEYS = ['stage', 'state', 'reason', 'dir', 'client', 'ip', 'id', 'age'] as const;
type Key = (typeof FILTER_KEYS)[number] | 'text';

/** One term. `isBad`: its key is unknown or its value invalid, and it matches everything. */
export type Term = {
  readonly key: Key;
  readonly value: string;
  readonly isNot: boolean;
  readonly isBad: boolean;
  /** As typed. */
  readonly text: string;
  /** What is wrong with it; empty unless it is bad. */
  readonly flaw: string;
};

/** The fields of a connection that terms are matched with. */
export type FilterSubject = {
  /** See pipeline.ts; empty when it has ended. */
  readonly stage: string;
  /** States of its actors, and the reason of its end. */
  readonly states: readonly string[];
  /** Empty while it is live. */
  readonly reason: string;
  readonly direction: string;
  readonly remote: string;
  readonly client: string;
  readonly id: string;
  readonly key: string;
  /** In ms. */
  readonly age: number;
};

/** Later terms are ignored. */
const MAX_TERMS = 16;

export function readFilter(text: string): readonly Term[] {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return words.slice(0, MAX_TERMS).map(readTerm);
}

function readTerm(text: string): Term {
  const isNot = text.length > 1 && text.startsWith('-');
  const bare = isNot ? text.slice(1) : text;
  const colon = bare.indexOf(':');
  const name = bare.slice(0, Math.max(0, colon)).toLowerCase();
  const isKeyed = FILTER_KEYS.some((key) => key === name);
  const key = (isKeyed ? name : 'text') as Key;
  const value = (isKeyed ? bare.slice(colon + 1) : bare).replaceAll('"', '');
  const flaw = isKeyed || !KEY.test(bare) ? flawOf(key, value) : `unknown key "${name}:"`;
  return { key, value, isNot, isBad: flaw !== '', text, flaw };
}

/** A word and a colon. Not the start of an IPv6 address, nor a host name with its port. */
const KEY = /^(?![\da-f]{1,4}:)[a-z]+:(?!\d+$)/i;

function flawOf(key: Key, value: string): string {
  if (value === '') return key === 'text' ? 'empty' : `nothing after "${key}:"`;
  if (key === 'age' && readSpan(value) === null) return 'not a time, such as <5s or >2m';
  if (key === 'dir' && !Object.hasOwn(DIRECTIONS, value))
    return `not one of ${Object.keys(DIRECTIONS).join(', ')}`;
  if (key === 'stage' && !STAGE_NAMES.includes(value))
    return `not one of ${STAGE_NAMES.join(', ')}`;
  return '';
}

/** Values of `stage:`. */
const STAGE_NAMES: readonly string[] = [
  'dialling',
  'tcp',
  'encHandshake',
  'checkpoint1',
  'hello',
  'checkpoint2',
  'peer',
  'closing',
] satisfies readonly Stage[];

export const matches = (terms: readonly Term[], subject: FilterSubject): boolean =>
  terms.every((term) => term.isBad || fits(term, subject) !== term.isNot);

/** The filter without one term. */
export const without = (text: string, term: Term): string =>
  readFilter(text)
    .filter((other) => other.text !== term.text)
    .map((other) => other.text)
    .join(' ');

function fits({ key, value }: Term, subject: FilterSubject): boolean {
  switch (key) {
    case 'stage':
      return subject.stage === value;
    case 'state':
      return subject.states.some((state) => isIn(state, value));
    case 'reason':
      return isIn(subject.reason, value);
    case 'dir':
      return DIRECTIONS[value]?.includes(subject.direction) ?? false;
    case 'client':
      return has(subject.client, value);
    case 'ip':
      return isAt(hostOf(subject.remote), value);
    case 'id':
      return subject.id.startsWith(value.replace(/^(0x|enode:\/\/)/, '').toLowerCase());
    case 'age': {
      const span = readSpan(value)!;
      return span.is === '<' ? subject.age < span.ms : subject.age >= span.ms;
    }
    case 'text': {
      const { states, remote, client, id, key: number } = subject;
      return [...states, remote, client, id, `#${number}`].some((text) => has(text, value));
    }
  }
}

const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  in: ['inbound'],
  inbound: ['inbound'],
  out: ['static', 'dynamic'],
  outbound: ['static', 'dynamic'],
  static: ['static'],
  dynamic: ['dynamic'],
};

const has = (text: string, part: string): boolean =>
  text.toLowerCase().includes(part.toLowerCase());

/** Whether the state path contains these names in a row: `protoHandshake`, `ending.rejected`, `tooManyPeers`. */
const isIn = (state: string, part: string): boolean =>
  state !== '' &&
  state.split('+').some((path) => `.${path.toLowerCase()}.`.includes(`.${part.toLowerCase()}.`));

/** Without the port and the brackets of IPv6. */
const hostOf = (remote: string): string => remote.replace(/:\d*$/, '').replace(/^\[|\]$/g, '');

/** An address, the start of one, or an IPv4 network such as `10.0.0.0/8`. */
function isAt(host: string, wanted: string): boolean {
  const net = /^([\d.]+)\/(\d+)$/.exec(wanted);
  if (!net) return host.startsWith(wanted.toLowerCase());
  const [base, ours, length] = [bitsOf(net[1]!), bitsOf(host), Number(net[2])];
  if (base === null || ours === null || length > 32) return false;
  return base.slice(0, length) === ours.slice(0, length);
}

function bitsOf(address: string): string | null {
  const parts = address.split('.').map(Number);
  const isAddress = parts.length === 4 && parts.every((part) => part >= 0 && part <= 255);
  return isAddress ? parts.map((part) => part.toString(2).padStart(8, '0')).join('') : null;
}
