/** The shape of the options, and a sentence for each wrong one. Their meaning is documented in `api/options.ts`. */
import * as v from 'valibot';
import type { Ports, ServerOptions } from '../api/options.ts';
import { PRIMITIVE_SETS, type PrimitiveSetName } from '../io/crypto/primitive-sets.ts';
import { MAX_FRAME_BYTES } from '../io/wire/frame-header.ts';
import { isHostAddress, parseIp } from '../io/wire/ip-address.ts';

/** @throws {TypeError} Names each wrong option, what was given and what is allowed. */
export function assertShape(options: unknown): asserts options is ServerOptions {
  const checked = v.safeParse(optionsSchema, options);
  if (!checked.success) throw new TypeError(checked.issues.map(describeIssue).join('; '));
}

const NODE_KEY = 'a node key, or the 32 bytes of one';
const HEX_REMEDY = "; createNodeKey(Buffer.from(hex, 'hex')) makes a key of hex digits";
const MAX_NAME_BYTES = 256;

/** Room for one message of the largest size, compressed and expanded. */
const MIN_BUDGET_BYTES = 32 * 1024 * 1024;

const integer = (min: number, max: number) =>
  v.custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number from ${min} to ${max}`,
  );

/** An object that has these methods. */
const objectWith = (methods: readonly string[], description: string) =>
  v.custom(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
    description,
  );

const aFunction = (description = 'a function') =>
  v.custom((value) => typeof value === 'function', description);

const yesOrNo = v.boolean('true or false');

const actorLogic = objectWith(
  ['transition', 'start'],
  'actor logic, such as fromCallback of XState makes',
);

const isDiscoveryVersion = (value: unknown): boolean => value === 'v4' || value === 'v5';

type NodeLike = NonNullable<ServerOptions['staticNodes']>[number];

const nodes = v.array(
  v.custom<NodeLike>(
    (value) =>
      typeof value === 'string' || typeof (value as { text?: unknown } | null)?.text === 'string',
    'an enode URL, a node record or a node',
  ),
  'a list of nodes',
);

const asyncNodes = v.custom(
  (value) =>
    typeof (value as AsyncIterable<NodeLike> | null)?.[Symbol.asyncIterator] === 'function',
  'an async iterable of nodes',
);

const portSchemas = {
  clock: objectWith(
    ['now', 'setTimeout', 'clearTimeout'],
    'a clock, with now(), setTimeout() and clearTimeout()',
  ),
  random: aFunction('a function that returns random bytes'),
  primitives: objectWith(
    ['ecdh', 'sign', 'keccak256'],
    'primitives, with ecdh(), sign(), keccak256() and others',
  ),
  listener: actorLogic,
  dialer: actorLogic,
  resolver: actorLogic,
  nodeResolver: v.nullable(actorLogic),
  txtResolver: aFunction('a function that looks up TXT records'),
  dialGenerator: objectWith(
    ['begin', 'newTasks', 'taskDone'],
    'a dial generator, with begin(), newTasks(), taskDone() and others',
  ),
  unixTimeMs: aFunction('a function that returns the time of day in ms'),
  openFiles: aFunction('a function that returns the limit of open files'),
  datagrams: aFunction('a function that binds a UDP address'),
  gateway: v.nullable(aFunction('a function that finds a gateway')),
  transport: aFunction('a function that makes the link of a connection'),
} satisfies Record<keyof Ports, unknown>;

const protocolSchema = v.object(
  {
    name: v.custom<string>(
      (value) => typeof value === 'string' && /^[\x21-\x7e]{1,8}$/.test(value),
      '1 to 8 printable ASCII characters',
    ),
    version: integer(0, 0x7fff_ffff),
    length: integer(0, 0xffff),
    maxMessageBytes: v.optional(integer(0, MAX_FRAME_BYTES)),
    run: aFunction(),
    attributes: v.optional(v.record(v.string(), v.any(), 'an object with the value of each key')),
    dialCandidates: v.optional(asyncNodes),
    onServerStart: v.optional(aFunction()),
    onServerStop: v.optional(aFunction()),
    nodeInfo: v.optional(aFunction()),
    peerInfo: v.optional(aFunction()),
  },
  'a protocol, with name, version, length and run',
);

/**
 * A DNS name. Its last label is no number: the system takes `0` and `0x0` for the address 0.0.0.0.
 * Source: RFC 1035, 2.3.4; URL Standard, "ends in a number".
 */
const HOST_NAME =
  /^(?=.{1,254}$)(?!(?:.*\.)?(?:\d+|0x[\da-f]*)\.?$)(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?(?:\.(?!$)|\.?$))+$/i;

/** Node takes an empty host for every address of the machine, which must not happen by a missing setting. */
const listenHost = v.custom<string>(
  (value) => typeof value === 'string' && (parseIp(value) !== null || HOST_NAME.test(value)),
  'an IP address or a host name ("0.0.0.0" or "::" for every address of this machine)',
);

const addressWith = (description: string) =>
  v.object({ host: listenHost, port: integer(0, 65_535) }, description);

const optionSchemas = {
  nodeKey: v.custom(
    (value) =>
      value instanceof Uint8Array ||
      v.is(objectWith(['ecdh', 'ecdhPoint', 'sign'], NODE_KEY), value),
    NODE_KEY,
  ),
  name: v.optional(
    v.custom<string>(
      (value) =>
        typeof value === 'string' && new TextEncoder().encode(value).length <= MAX_NAME_BYTES,
      `a text of at most ${MAX_NAME_BYTES} bytes`,
    ),
  ),
  listen: v.optional(
    v.nullable(addressWith('an object with host and port, or null for not listening')),
  ),
  maxPeers: v.optional(integer(0, 100_000)),
  maxPeersPerSubnet: v.optional(integer(1, 100_000)),
  maxPendingPeers: v.optional(integer(1, 10_000)),
  dialRatio: v.optional(integer(1, 1_000)),
  dialShare: v.optional(
    v.custom<'ratio' | 'legacyHalf'>(
      (value) => value === 'ratio' || value === 'legacyHalf',
      '"ratio" or "legacyHalf"',
    ),
  ),
  staticExempt: v.optional(yesOrNo),
  redialBackOff: v.optional(yesOrNo),
  churn: v.optional(yesOrNo),
  noDial: v.optional(yesOrNo),
  protocols: v.optional(v.array(protocolSchema, 'a list of protocols')),
  externalIp: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && isHostAddress(value),
      'the IP address of one host',
    ),
  ),
  nat: v.optional(
    v.custom<string>((value) => typeof value === 'string', 'a text such as "any" or "none"'),
  ),
  nodeDatabase: v.optional(
    v.custom<string>((value) => typeof value === 'string' && value !== '', 'the path of a folder'),
  ),
  staticNodes: v.optional(nodes),
  discovery: v.optional(
    v.custom<NonNullable<ServerOptions['discovery']>>(
      (value) => value === 'none' || [value].flat().every(isDiscoveryVersion),
      '"v4", "v5", a list of both, or "none"',
    ),
  ),
  discoveryListen: v.optional(addressWith('an object with host and port')),
  discv5Listen: v.optional(addressWith('an object with host and port')),
  dnsTrees: v.optional(
    v.array(v.string('a URL, such as "enrtree://<key>@<domain>"'), 'a list of enrtree:// URLs'),
  ),
  bootnodes: v.optional(nodes),
  bootnodesV5: v.optional(nodes),
  candidates: v.optional(asyncNodes),
  candidateWaitMs: v.optional(integer(0, 60_000)),
  candidateFilter: v.optional(aFunction('a function that takes a node')),
  trustedNodes: v.optional(nodes),
  netRestrict: v.optional(
    v.array(
      v.string('a network, such as "192.0.2.0/24"'),
      'a list of networks, such as "192.0.2.0/24"',
    ),
  ),
  legacyHandshake: v.optional(yesOrNo),
  receiveBudgetBytes: v.optional(integer(MIN_BUDGET_BYTES, Number.MAX_SAFE_INTEGER)),
  sendBudgetBytes: v.optional(integer(MIN_BUDGET_BYTES, Number.MAX_SAFE_INTEGER)),
  messageEvents: v.optional(yesOrNo),
  primitives: v.optional(
    v.custom<PrimitiveSetName>(
      (value) => PRIMITIVE_SETS.some((name) => name === value),
      '"default", "node" or "portable"',
    ),
  ),
  logger: v.optional(
    objectWith(['info', 'debug', 'warn', 'error', 'isLevelEnabled'], 'a pino logger'),
  ),
  metrics: v.optional(
    objectWith(
      ['registerMetric', 'getSingleMetric', 'removeSingleMetric'],
      'a prom-client registry',
    ),
  ),
  onPeer: v.optional(aFunction('a function that takes a peer')),
  inspect: v.optional(v.custom(isInspect, 'a function or an observer with `next`')),
  ports: v.optional(
    v.strictObject(
      {
        clock: v.optional(portSchemas.clock),
        random: v.optional(portSchemas.random),
        primitives: v.optional(portSchemas.primitives),
        listener: v.optional(portSchemas.listener),
        dialer: v.optional(portSchemas.dialer),
        resolver: v.optional(portSchemas.resolver),
        nodeResolver: v.optional(portSchemas.nodeResolver),
        txtResolver: v.optional(portSchemas.txtResolver),
        dialGenerator: v.optional(portSchemas.dialGenerator),
        unixTimeMs: v.optional(portSchemas.unixTimeMs),
        openFiles: v.optional(portSchemas.openFiles),
        datagrams: v.optional(portSchemas.datagrams),
        gateway: v.optional(portSchemas.gateway),
        transport: v.optional(portSchemas.transport),
      },
      'an object with the parts to replace',
    ),
  ),
} satisfies Record<keyof ServerOptions, unknown>;

const optionsSchema = v.strictObject(optionSchemas, 'an object');

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const option = keys.length === 0 ? 'options' : placeOf(keys);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = Object.keys(option.startsWith('ports.') ? portSchemas : optionSchemas);
    return `"${option}" is not an option; the options are ${known.join(', ')}`;
  }
  const allowed = allowedAt(optionsSchema, keys);
  if (option !== 'nodeKey') return `"${option}" expected ${allowed}, got ${issue.received}`;
  const remedy = typeof issue.input === 'string' ? HEX_REMEDY : '';
  return `"nodeKey" expected ${allowed}, got ${kindOf(issue.input)}${remedy}`;
}

/** `listen.host`, `staticNodes[0]`. */
const placeOf = ([first, ...rest]: readonly (string | number)[]): string =>
  `${first}${rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')}`;

type Schema = {
  readonly message?: unknown;
  /** Of an option that may be missing or null. */
  readonly wrapped?: Schema;
  readonly entries?: Readonly<Record<string, Schema>>;
  /** Of a list. */
  readonly item?: Schema;
};

/** The words of the schema at this place; a missing field has only those of the object around it otherwise. */
function allowedAt(schema: Schema, keys: readonly (string | number)[]): string {
  if (schema.wrapped) return allowedAt(schema.wrapped, keys);
  const [key, ...rest] = keys;
  const inner = typeof key === 'number' ? schema.item : schema.entries?.[`${key}`];
  return inner ? allowedAt(inner, rest) : `${schema.message}`;
}

/** Only the type: the value may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an Object' : typeof value;
}

function isInspect(value: unknown): boolean {
  if (typeof value === 'function') return true;
  const next = typeof value === 'object' && value !== null && 'next' in value ? value.next : null;
  return typeof next === 'function';
}
