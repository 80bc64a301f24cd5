/**
 * One line of an untrusted recording, checked field by field. Unused fields are dropped, and text is made printable
 * again: a file need not come from our writer.
 */
import type { Ending, Row, Status } from '../../protocol.ts';
import type {
  ActorEndLine,
  ActorLine,
  EndingLine,
  EndLine,
  HeaderLine,
  RecordingLine,
  RowLine,
  StepLine,
} from '../../recording.ts';
import { recordedDiscovery } from './recorded-discovery.ts';
import {
  among,
  amount,
  type Fields,
  fields,
  isTime,
  listOf,
  MAX_ITEMS,
  words,
} from './recorded-values.ts';

/** The version of the format this page reads; `RECORDING_VERSION` of ../recording.ts. */
export const READS_VERSION = 2;

/** Largest number of an actor. */
const MAX_ACTOR = 0xffff_ffff;

/** `unknown`: a line of an unknown type. `broken`: not a line of a recording. */
export function recordedLine(text: string): RecordingLine | 'unknown' | 'broken' {
  const line = parsed(text);
  if (!line || typeof line['type'] !== 'string') return 'broken';
  const read = READERS[line['type'] as RecordingLine['type']];
  if (!Object.hasOwn(READERS, line['type']) || !read) return 'unknown';
  return read(line) ?? 'broken';
}

const READERS: Readonly<Record<RecordingLine['type'], (line: Fields) => RecordingLine | null>> = {
  header: headerOf,
  actor: actorOf,
  step: stepOf,
  row: rowLineOf,
  actorEnded: actorEndOf,
  ending: endingOf,
  end: endOf,
};

function headerOf(line: Fields): HeaderLine | null {
  const { format, version, seed } = line;
  if (format !== 'peerchart recording' || typeof version !== 'number') return null;
  return {
    type: 'header',
    format,
    version: version as HeaderLine['version'], // the caller refuses another version
    peerchart: words(line['peerchart']),
    startedAt: words(line['startedAt']),
    node: words(line['node']),
    seed: typeof seed === 'number' ? seed : null,
    masked: line['masked'] === true,
    replayable: line['replayable'] === true,
    charts: {},
  };
}

function actorOf(line: Fields): ActorLine | null {
  const { t, actor, parent, state, since } = line;
  if (!isTime(t) || !isActor(actor)) return null;
  return {
    type: 'actor',
    t,
    actor,
    machine: words(line['machine']),
    id: words(line['id']),
    parent: isActor(parent) ? parent : null,
    state: typeof state === 'string' ? words(state) : null,
    ...(isTime(since) ? { since } : {}),
    found: line['found'] === true,
  };
}

function stepOf(line: Fields): StepLine | null {
  const { t, actor, transitions } = line;
  const event = fields(line['event']);
  if (!isTime(t) || !isActor(actor) || !event || !Array.isArray(transitions)) return null;
  return {
    type: 'step',
    t,
    actor,
    event: { type: words(event['type']) },
    transitions: transitions
      .slice(0, MAX_ITEMS)
      .filter(Array.isArray)
      .map(
        (transition) => [words(transition[0]), words(transition[1]), words(transition[2])] as const,
      ),
    state: words(line['state']),
  };
}

function rowLineOf(line: Fields): RowLine | null {
  const { actor } = line;
  const row = fields(line['row']);
  return isActor(actor) && row ? { type: 'row', actor, row: rowOf(row) } : null;
}

/** Rows differ by machine: all known fields that are present. */
function rowOf(row: Fields): Row {
  const { direction, slot } = row;
  return {
    ...(isDirection(direction) ? { direction } : {}),
    ...('remote' in row ? { remote: words(row['remote']) } : {}),
    ...('id' in row ? { id: words(row['id']) } : {}),
    ...('slot' in row ? { slot: typeof slot === 'number' ? slot : null } : {}),
    ...('client' in row ? { client: words(row['client']) } : {}),
    ...('capabilities' in row ? { capabilities: listOf(row['capabilities']) } : {}),
    ...('protocols' in row ? { protocols: listOf(row['protocols']) } : {}),
    ...recordedDiscovery(row),
  } as Row;
}

function actorEndOf({ t, actor, status }: Fields): ActorEndLine | null {
  if (!isTime(t) || !isActor(actor) || !isStatus(status)) return null;
  return { type: 'actorEnded', t, actor, status };
}

function endingOf(line: Fields): EndingLine | null {
  const ending = fields(line['ending']);
  const explanation = fields(ending?.['explanation']);
  if (!ending || !explanation) return null;
  const { at, type, connection, direction, ms, bytesIn, bytesOut } = ending;
  if (!isTime(at) || !isEnd(type)) return null;
  return {
    type: 'ending',
    ending: {
      at,
      type,
      connection: typeof connection === 'string' ? words(connection) : null,
      actor: words(ending['actor']),
      direction: isDirection(direction) ? direction : null,
      remote: words(ending['remote']),
      id: words(ending['id']),
      client: words(ending['client']),
      state: words(ending['state']),
      facts: factsOf(fields(ending['facts']) ?? {}),
      ms: amount(ms),
      bytesIn: amount(bytesIn),
      bytesOut: amount(bytesOut),
      explanation: {
        verdict: words(explanation['verdict']),
        remedy: words(explanation['remedy']),
        confidence: isConfidence(explanation['confidence']) ? explanation['confidence'] : 'unknown',
        evidence: listOf(explanation['evidence']),
      },
    },
  };
}

function endOf({ t, why }: Fields): EndLine | null {
  if (!isTime(t)) return null;
  return { type: 'end', t, why: why === 'full' || why === 'failed' ? why : 'closed' };
}

function factsOf(facts: Fields): Ending['facts'] {
  const read = Object.entries(facts)
    .slice(0, MAX_ITEMS)
    .map(([name, value]) => [
      words(name),
      typeof value === 'number' || typeof value === 'boolean' ? value : words(value),
    ]);
  return Object.fromEntries(read) as Ending['facts'];
}

function parsed(text: string): Fields | null {
  try {
    return fields(JSON.parse(text));
  } catch {
    return null;
  }
}

const isActor = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ACTOR;

const isStatus = among<Status>('active', 'done', 'stopped', 'error');
const isDirection = among('inbound', 'static', 'dynamic');
const isEnd = among<Ending['type']>('drop', 'ended', 'dialFailed');
const isConfidence = among<Ending['explanation']['confidence']>(
  'certain',
  'likely',
  'possible',
  'unknown',
);
