/** The shape of the options, and a sentence for each wrong one. Their meaning is documented in `api/options.ts`. */
import * as v from 'valibot';
import type { Ports, ServerOptions } from '../api/options.ts';
import { PRIMITIVE_SETS, type PrimitiveSetName } from '../io/crypto/primitive-sets.ts';
import { MAX_FRAME_BYTES } from '../io/wire/frame-header.ts';
import { parseIp } from '../io/wire/ip-address.ts';

/** @throws {TypeError} Names each wrong option, what was given and what is allowed. */
export function assertShape(options: unknown): asserts options is ServerOptions {
  const checked = v.safeParse(optionsSchema, options);
  if (!checked.success) throw new TypeError(checked.issues.map(describeIssue).join('; '));
}

const NODE_KEY = 'a node key, or the 32 bytes of one';
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

const portSchemas = {
  clock: objectWith(['now', 'setTimeout', 'clearTimeout'], 'a clock'),
  random: v.custom((value) => typeof value === 'function', 'a function'),
  primitives: objectWith(['ecdh', 'sign', 'keccak256'], 'primitives'),
  listener: objectWith(['transition', 'start'], 'actor logic'),
  dialer: objectWith(['transition', 'start'], 'actor logic'),
  resolver: objectWith(['transition', 'start'], 'actor logic'),
  nodeResolver: v.nullable(objectWith(['transition', 'start'], 'actor logic')),
  dialGenerator: objectWith(['begin', 'newTasks', 'taskDone'], 'a dial generator'),
  openFiles: v.custom((value) => typeof value === 'function', 'a function'),
  transport: v.custom((value) => typeof value === 'function', 'a function'),
} satisfies Record<keyof Ports, unknown>;

const protocolSchema = v.object({
  name: v.custom<string>(
    (value) => typeof value === 'string' && /^[\x21-\x7e]{1,8}$/.test(value),
    '1 to 8 printable ASCII characters',
  ),
  version: integer(0, 0x7fff_ffff),
  length: integer(0, 0xffff),
  maxMessageBytes: v.optional(integer(0, MAX_FRAME_BYTES)),
  run: v.function(),
  nodeInfo: v.optional(v.function()),
  peerInfo: v.optional(v.function()),
});

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

const optionSchemas = {
  nodeKey: v.custom(
    (value) => value instanceof Uint8Array || v.is(objectWith(['ecdh', 'sign'], NODE_KEY), value),
    NODE_KEY,
  ),
  name: v.optional(v.pipe(v.string(), v.maxBytes(MAX_NAME_BYTES))),
  listen: v.optional(v.nullable(v.object({ host: listenHost, port: integer(0, 65_535) }))),
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
  staticExempt: v.optional(v.boolean()),
  noDial: v.optional(v.boolean()),
  protocols: v.optional(v.array(protocolSchema)),
  staticNodes: v.optional(v.array(v.string())),
  bootnodes: v.optional(v.array(v.string())),
  candidates: v.optional(
    v.custom(
      (value) =>
        typeof (value as AsyncIterable<string> | null)?.[Symbol.asyncIterator] === 'function',
      'an async iterable',
    ),
  ),
  trustedNodes: v.optional(v.array(v.string())),
  netRestrict: v.optional(v.array(v.string())),
  legacyHandshake: v.optional(v.boolean()),
  receiveBudgetBytes: v.optional(integer(MIN_BUDGET_BYTES, Number.MAX_SAFE_INTEGER)),
  sendBudgetBytes: v.optional(integer(MIN_BUDGET_BYTES, Number.MAX_SAFE_INTEGER)),
  messageEvents: v.optional(v.boolean()),
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
  onPeer: v.optional(v.custom((value) => typeof value === 'function', 'a function')),
  inspect: v.optional(v.custom(isInspect, 'a function or an observer with `next`')),
  ports: v.optional(
    v.strictObject({
      clock: v.optional(portSchemas.clock),
      random: v.optional(portSchemas.random),
      primitives: v.optional(portSchemas.primitives),
      listener: v.optional(portSchemas.listener),
      dialer: v.optional(portSchemas.dialer),
      resolver: v.optional(portSchemas.resolver),
      nodeResolver: v.optional(portSchemas.nodeResolver),
      dialGenerator: v.optional(portSchemas.dialGenerator),
      openFiles: v.optional(portSchemas.openFiles),
      transport: v.optional(portSchemas.transport),
    }),
  ),
} satisfies Record<keyof ServerOptions, unknown>;

const optionsSchema = v.strictObject(optionSchemas);

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const option = v.getDotPath(issue) ?? 'options';
  if (option === 'nodeKey') return `"nodeKey" expected ${NODE_KEY}, got ${kindOf(issue.input)}`;
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = Object.keys(option.startsWith('ports.') ? portSchemas : optionSchemas);
    return `"${option}" is not an option; the options are ${known.join(', ')}`;
  }
  const allowed = issue.type === 'custom' ? issue.message : issue.expected;
  const unit = issue.type === 'max_bytes' ? ' bytes' : '';
  return `"${option}" expected ${allowed}${unit}, got ${issue.received}${unit}`;
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
