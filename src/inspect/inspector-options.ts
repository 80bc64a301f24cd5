/** The options of an inspector and their check, with a sentence for each mistake. */
import { isIP } from 'node:net';
import * as v from 'valibot';

import { isLoopbackAddress, plainHost } from '../io/wire/ip-address.ts';

export type InspectOptions = {
  /** 0 lets the system choose. */
  readonly port?: number;
  /** Where to listen: an address, or `localhost`. Beyond loopback other machines reach it, and there is no TLS. */
  readonly host?: string;
  /** Further host names that browsers may use for it: lower case, without a port. */
  readonly hostNames?: readonly string[];
  /** Whether viewers may add, remove and disconnect peers. On loopback only. */
  readonly actions?: boolean;
  /** Whether addresses, host names, ids and own parts of client names are replaced by pseudonyms. Not with `actions`. */
  readonly mask?: boolean;
  /** Called with a new link after a visit without a valid one; at most 5 a minute. */
  readonly onLink?: (link: string) => unknown;
};

export type CheckedInspectOptions = Required<Omit<InspectOptions, 'onLink'>> &
  Pick<InspectOptions, 'onLink'>;

/** Host names that may be configured. */
const MAX_HOST_NAMES = 16;

const MAX_PORT = 65_535;

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

const schema = v.strictObject(
  {
    port: v.optional(
      v.custom<number>(
        (value) =>
          Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PORT,
        `a whole number from 0 to ${MAX_PORT}`,
      ),
      0,
    ),
    host: v.optional(
      v.custom<string>(
        (value) => value === 'localhost' || (typeof value === 'string' && isIP(value) !== 0),
        'an address, or "localhost"',
      ),
      '127.0.0.1',
    ),
    hostNames: v.optional(
      v.custom<readonly string[]>(
        (value) =>
          Array.isArray(value) &&
          value.length <= MAX_HOST_NAMES &&
          value.every((name) => typeof name === 'string' && HOST_NAME.test(name)),
        `at most ${MAX_HOST_NAMES} names in lower case, without a port`,
      ),
      [],
    ),
    actions: v.optional(v.boolean('true or false'), false),
    mask: v.optional(v.boolean('true or false'), false),
    onLink: v.optional(
      v.custom<(link: string) => void>(
        (value) => typeof value === 'function',
        'a function that takes a link',
      ),
    ),
  },
  'an object',
);

/** @throws {TypeError} Names each option that is wrong. */
export function checkInspectOptions(options: unknown): CheckedInspectOptions {
  const checked = v.safeParse(schema, options);
  if (!checked.success) throw new TypeError(checked.issues.map(complaint).join('; '));
  const { host, actions, mask, onLink, port, hostNames } = checked.output;
  if (actions && !isLoopback(host))
    throw new TypeError(`"actions" need a loopback "host", and "host" is ${host}`);
  if (actions && mask)
    throw new TypeError(
      '"actions" and "mask" exclude each other: an action on a pseudonym has no target',
    );
  return Object.freeze({
    ...{ port, host: plainHost(host), hostNames: Object.freeze([...hostNames]), actions, mask },
    ...(onLink && { onLink }),
  });
}

/** Whether only this machine can connect to it. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || isLoopbackAddress(host);

function complaint(issue: v.BaseIssue<unknown>): string {
  const option = v.getDotPath(issue) ?? 'options';
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `"${option}" is not known; there are ${Object.keys(schema.entries).join(', ')}`;
  return `"${option}" expected ${issue.message}, got ${issue.received}`;
}
