/**
 * Checks untrusted input and returns a frame the store can use: parts of a wrong shape are dropped and counted.
 * Indexes of names, transitions and actors may still be out of range.
 */
import type { Frame } from '../../protocol.ts';

/** The version this page reads and, for recordings, writes; `PROTOCOL` of ../../protocol.ts. */
export const READS_PROTOCOL = 4;

type Check = (value: unknown) => boolean;

/** A frame and the number of dropped parts; null if it is not a frame. */
export function readFrame(value: unknown): { frame: Frame; dropped: number } | null {
  if (!isObject(value)) return null;
  const { t, hz } = value;
  if (!number(t) || !number(hz)) return null;
  const frame: Record<string, unknown> = { t, hz };
  let dropped = 0;
  for (const [key, check] of Object.entries(WHOLE)) {
    const part = value[key];
    if (part === undefined) continue;
    if (check(part)) frame[key] = part;
    else dropped += 1;
  }
  for (const [key, check] of Object.entries(LISTS)) {
    const part = value[key];
    if (part === undefined) continue;
    const list = Array.isArray(part) ? part : [];
    const good = list.filter(check);
    frame[key] = good;
    dropped += Array.isArray(part) ? list.length - good.length : 1;
  }
  return { frame: frame as Frame, dropped };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const number: Check = Number.isFinite;
/** An index of a dictionary, or the number of an actor. */
const index: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const string: Check = (value) => typeof value === 'string';
const boolean: Check = (value) => typeof value === 'boolean';
const anything: Check = () => true;

const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

const nullOr =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** More items may follow; each must pass `rest`. */
const tuple =
  (checks: readonly Check[], rest: Check = anything): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length >= checks.length &&
    value.every((item, place) => (checks[place] ?? rest)(item));

const object =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(checks).every(([key, check]) => check(value[key]));

/** As `object`, with optional fields. */
const partial =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(checks).every(([key, check]) => value[key] === undefined || check(value[key]));

const direction = oneOf('inbound', 'static', 'dynamic');
const status = oneOf('active', 'done', 'stopped', 'error');

const tableNode = { id: string, remote: string };

const discovery = object({
  status: object({ tone: oneOf('good', 'waiting', 'bad'), sentence: string, remedy: string }),
  buckets: listOf(
    object({
      distance: number,
      entries: listOf(
        object({
          ...tableNode,
          isLive: boolean,
          checks: number,
          list: oneOf('fast', 'slow'),
          isChecked: boolean,
        }),
      ),
      replacements: listOf(object(tableNode)),
    }),
  ),
  refreshes: number,
  unanswered: number,
  lookupsLeft: number,
  pauses: object({ refresh: number, fast: number, slow: number }),
  packets: nullOr(
    object({
      datagramsIn: number,
      bytesIn: number,
      bytesOut: number,
      unsent: number,
      byType: listOf(object({ packet: string, received: number, sent: number })),
      refused: listOf(object({ reason: string, count: number })),
      budgets: listOf(object({ budget: string, used: number, of: number })),
    }),
  ),
});

const claim = nullOr(
  object({ why: oneOf('static', 'gateway', 'predicted', 'fallback'), remote: string }),
);

const row = partial({
  direction,
  remote: string,
  slot: nullOr(number),
  id: string,
  client: string,
  capabilities: listOf(string),
  protocols: listOf(string),
  discovers: boolean,
  discovery,
  target: string,
  path: listOf(object({ ...tableNode, answer: oneOf('none yet', 'nodes', 'nothing') })),
  found: number,
  listUrl: string,
  rootSeq: nullOr(number),
  nodes: number,
  unread: number,
  lastFailure: nullOr(string),
  seq: number,
  record: string,
  ipv4: claim,
  ipv6: claim,
  mechanism: string,
  gateway: string,
  external: string,
  mappings: listOf(
    object({
      protocol: oneOf('tcp', 'udp'),
      port: number,
      externalPort: number,
      failures: number,
    }),
  ),
  fault: string,
});

const step = tuple([number, index, number, index, index], index);

const ending = object({
  at: number,
  type: oneOf('drop', 'ended', 'dialFailed'),
  connection: nullOr(string),
  actor: string,
  direction: nullOr(direction),
  remote: string,
  id: string,
  client: string,
  state: string,
  facts: isObject,
  ms: number,
  bytesIn: number,
  bytesOut: number,
  explanation: object({
    verdict: string,
    remedy: string,
    confidence: oneOf('certain', 'likely', 'possible', 'unknown'),
    evidence: listOf(string),
  }),
});

const dialEntry = object({ id: string, remote: string, direction: oneOf('static', 'dynamic') });

const dialledNode = {
  id: string,
  remote: string,
  last: nullOr(object({ state: string, did: string, why: string, msAgo: number })),
};

const views = object({
  server: object({
    state: string,
    enode: string,
    peers: number,
    maxPeers: number,
    inbound: number,
    maxInbound: number,
    trusted: number,
    loopDelay: number,
  }),
  listener: nullOr(
    object({
      state: string,
      address: string,
      slots: listOf(nullOr(string)),
      slotsTotal: number,
      used: number,
      turnedAway: number,
    }),
  ),
  dials: nullOr(
    object({
      state: string,
      running: listOf(dialEntry),
      maxRunning: number,
      dialled: number,
      maxDialled: number,
      queued: listOf(dialEntry),
      queuedTotal: number,
      history: listOf(object({ ...dialledNode, msLeft: number, because: nullOr(string) })),
      historyTotal: number,
      statics: listOf(
        object({
          ...dialledNode,
          status: oneOf('connected', 'dialling', 'queued', 'waiting', 'heldBack', 'ready'),
          msLeft: nullOr(number),
        }),
      ),
      staticsTotal: number,
      heldBack: nullOr(object({ verdict: string, remedy: string })),
    }),
  ),
  discovery: nullOr(discovery),
  discoveryV5: nullOr(discovery),
  peers: listOf(
    object({
      connection: string,
      id: string,
      client: string,
      remote: string,
      direction,
      trusted: boolean,
      protocols: listOf(string),
      capabilities: listOf(string),
      age: number,
      bytesIn: number,
      bytesOut: number,
    }),
  ),
});

/** Parts that are valid or invalid as a whole. Dictionaries are: without one entry the later indexes would shift. */
const WHOLE: Readonly<Record<string, Check>> = {
  about: object({
    protocol: number,
    peerchart: string,
    startedAt: string,
    node: string,
    source: oneOf('live', 'file'),
    label: optional(string),
    primitives: optional(string),
    actions: boolean,
    masked: boolean,
  }),
  names: listOf(string),
  transitions: listOf(tuple([index, index, index, index])),
  logTotal: number,
  skippedFrames: number,
  ignoredEvents: number,
  unrecordedActors: number,
  views,
  diagnosis: object({
    is: string,
    tone: oneOf('good', 'waiting', 'bad'),
    sentence: string,
    remedy: string,
  }),
};

/** Lists of which the valid items are kept. */
const LISTS: Readonly<Record<string, Check>> = {
  actors: tuple([index, index, string, number, number, index, number, number, status, nullOr(row)]),
  moved: tuple([index, index, number, number]),
  rows: tuple([index, row]),
  actorsEnded: tuple([index, number, status]),
  forgotten: index,
  transitionCounts: tuple([index, number]),
  log: step,
  focusedSteps: step,
  endings: ending,
  endingCounts: tuple([index, number]),
};
