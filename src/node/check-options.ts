/** Checks the options of a node and completes them. Those of its server are checked as the server does it. */
import { resolve } from 'node:path';
import type { NodeKey } from '../io/crypto/node-key.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { checkOptions } from '../server/config.ts';
import { clientName } from './client-name.ts';
import type { NodeOptions, NodeServerOptions } from './node-options.ts';

/** Ours: each has its own time limits, so that the number bounds a start and a stop. */
export const MAX_SERVICES = 100;
const MAX_APIS = 16;

/** Characters of `identity`. Ours: the client name has 256 bytes in all. */
const MAX_IDENTITY_LENGTH = 64;

/** Options of a node, complete and checked. */
export type NodeConfig = Required<Pick<NodeOptions, 'services' | 'apis' | 'allowReadableKey'>> &
  Pick<NodeOptions, 'networkId' | 'onServer'> & {
    readonly server: NodeServerOptions & { readonly name: string };
    /** Absolute; null without one. */
    readonly datadir: string | null;
    /** Null: from a file, or a new one. */
    readonly key: NodeKey | null;
    readonly keyFile: string | null;
    readonly clock: Clock;
  };

/** Stands for a key that is not read yet. */
const SOME_KEY = new Uint8Array(32).fill(1);

type Check = readonly [isRight: (value: unknown) => boolean, description: string];

const isFunction = (value: unknown): boolean => typeof value === 'function';

const path: Check = [(value) => typeof value === 'string' && value !== '', 'a path'];

const functions = (max: number, what: string): Check => [
  (value) => Array.isArray(value) && value.length <= max && value.every(isFunction),
  `a list of at most ${max} ${what}`,
];

const CHECKS: Readonly<Record<keyof NodeOptions, Check>> = {
  server: [(value) => typeof value === 'object' && value !== null, 'an object with server options'],
  datadir: path,
  nodeKeyFile: path,
  allowReadableKey: [(value) => typeof value === 'boolean', 'true or false'],
  identity: [
    (value) => typeof value === 'string' && IDENTITY.test(value),
    `1 to ${MAX_IDENTITY_LENGTH} printable ASCII characters without a slash`,
  ],
  networkId: [
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    'a whole number from 0',
  ],
  services: functions(MAX_SERVICES, 'functions that make a service'),
  apis: functions(MAX_APIS, 'functions that open an API'),
  onServer: [isFunction, 'a function that takes a server'],
};

const IDENTITY = new RegExp(`^[\\x21-\\x2e\\x30-\\x7e]{1,${MAX_IDENTITY_LENGTH}}$`);

/** @throws {TypeError} Names each wrong option, what was given and what is allowed. @throws {RangeError} `nodeKey` is not a valid secret key. */
export function checkNodeOptions(options: NodeOptions): NodeConfig {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('"options" expected an object');
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const flaws = given.flatMap(([name, value]) => flawOf(name, value) ?? []);
  if (flaws.length > 0) throw new TypeError(flaws.join('; '));
  const { services = [], apis = [], allowReadableKey = false, networkId, onServer } = options;
  const { nodeKey, ...server } = options.server ?? {};
  const { key } = checkOptions({ ...server, nodeKey: nodeKey ?? SOME_KEY });
  if (nodeKey !== undefined && options.nodeKeyFile !== undefined)
    throw new TypeError('"nodeKeyFile" and "server.nodeKey" are two keys; omit one');
  return Object.freeze({
    ...{ services: [...services], apis: [...apis], allowReadableKey },
    ...(networkId !== undefined && { networkId }),
    ...(onServer && { onServer }),
    server: { ...server, name: server.name ?? clientName(options.identity) },
    datadir: options.datadir === undefined ? null : resolve(options.datadir),
    key: nodeKey === undefined ? null : key,
    keyFile: options.nodeKeyFile === undefined ? null : resolve(options.nodeKeyFile),
    clock: server.ports?.clock ?? systemClock,
  });
}

function flawOf(name: string, value: unknown): string | null {
  const known = Object.keys(CHECKS);
  if (!known.includes(name))
    return `"${name}" is not an option; the options are ${known.join(', ')}`;
  const [isRight, description] = CHECKS[name as keyof NodeOptions];
  return isRight(value) ? null : `"${name}" expected ${description}, got ${kindOf(value)}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'string' || typeof value === 'number'
    ? JSON.stringify(value)
    : `${value === null ? 'null' : typeof value}`;
}
