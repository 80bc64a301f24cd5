/** Whatever a remote or a file has written into a text, no command prints it so that a terminal acts on it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { pingLine, plain, runLine } from '../../src/cli/human-line.ts';
import { inspectFile } from '../../src/cli/inspect.ts';
import { runProgram } from '../../src/cli/program.ts';
import { replay } from '../../src/cli/replay.ts';
import {
  connectionEnded,
  dialFailed,
  messageShown,
  peerAdded,
  peerDropped,
  pingAnswered,
  pingEnded,
  type RunReport,
} from '../../src/cli/report.ts';
import { type WhyReport, whyLines } from '../../src/cli/why-report.ts';
import { printableJson } from '../../src/io/wire/printable.ts';
import { explained, NO_EFFORT } from '../support/explained.ts';
import { runWriter } from '../support/recordings.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';
import { ID, someEnded, somePeer } from './some-reports.ts';

/** One or more of every class of characters that must not reach a terminal as they are. */
const CLASSES: readonly (readonly [name: string, characters: string])[] = [
  ['ASCII controls', '\0\u0007\b\t\n\v\f\r\u001b[31m\u001f'],
  ['DEL', '\u007f'],
  ['C1 controls', '\u0080\u0085\u0090\u009b2J\u009c\u009d\u009f'],
  ['bidirectional overrides and embeddings', '\u202a\u202b\u202c\u202d\u202e'],
  ['bidirectional isolates and marks', '\u2066\u2067\u2068\u2069\u200e\u200f\u061c'],
  ['line and paragraph separators', '\u2028\u2029'],
  ['characters of no width', '\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f'],
  ['lone surrogates', '\ud800x\udfff'],
  ['tags', '\u{e0001}\u{e0041}\u{e007f}'],
  ['variation selectors', '\ufe00\ufe0f\u{e0100}\u180b'],
  ['fillers', '\u115f\u3164\uffa0'],
  ['interlinear annotations', '\ufff9\ufffb'],
  ['private and unassigned characters', '\ue000\u{f0000}\u0378\uffff'],
];

/** All of them, except the line breaks that we write ourselves. */
const ACTS = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe.for(CLASSES)('%s', ([, characters]) => {
  const said = `a${characters}b`;
  const peer = {
    ...somePeer,
    client: said,
    capabilities: [{ name: said, version: 1 }],
    protocols: [said],
  };
  const ended = explained({
    ...someEnded,
    type: 'ended',
    state: 'failed.connectionLost',
    facts: { detail: said },
    identity: {
      id: ID,
      hello: { version: 5, client: said, capabilities: peer.capabilities, listenPort: 0 },
    },
  } as never);
  const dropped = explained({
    type: 'drop',
    ...NO_EFFORT,
    peer,
    connectionId: '1',
    outcome: 'refused',
    state: 'ending.refused.tooManyPeers',
    facts: { message: said },
    abandoned: [said],
  } as never);
  const undialled = explained({
    type: 'dialFailed',
    target: { id: ID, publicKey: '', host: said, hostKind: 'name', tcpPort: 1 },
    address: { host: said, port: 1 },
    state: 'hostNotFound',
    detail: said,
  } as never);
  const attempt = { node: { id: ID, host: said, tcpPort: 1 }, ms: 1 } as never;
  const bytes = new TextEncoder().encode(said);
  const reports = {
    'a new peer': peerAdded(peer as never),
    'a dropped peer': peerDropped(dropped as never),
    'an ended connection': connectionEnded(ended as never),
    'a failed dial': dialFailed(undialled as never),
    'an echo message': messageShown({ peer, kind: 'said', bytes } as never),
    'a lost part': { type: 'part.lost', part: said, message: said, retryInMs: 1 },
    'a restored part': { type: 'part.restored', part: said, address: said },
    'the start': {
      type: 'started',
      id: ID,
      enode: said,
      enr: null,
      listening: said,
      inspect: said,
    },
  } satisfies Readonly<Record<string, RunReport>>;
  const pings = {
    'an answered ping': pingAnswered(peer as never, attempt),
    'a failed ping': pingEnded(ended as never, attempt),
  };

  test.for(Object.entries(reports))('in %s', ([, report]) => {
    expect(runLine(report, plain)).not.toMatch(ACTS);
    const json = printableJson(report);
    expect(json).not.toMatch(ACTS);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(report)));
  });

  test.for(Object.entries(pings))('in %s', ([, report]) => {
    expect(pingLine(report, plain)).not.toMatch(ACTS);
    expect(printableJson(report)).not.toMatch(ACTS);
  });

  test('in the result of why', () => {
    const report: WhyReport = {
      type: 'why',
      id: ID,
      address: said,
      isPeer: false,
      phases: [],
      state: said,
      trail: [said],
      client: said,
      capabilities: [said],
      eth: null,
      explanation: { verdict: said, remedy: said, confidence: 'certain', evidence: [said] },
      ms: 1,
    };
    expect(whyLines(report, plain)).not.toMatch(ACTS);
  });

  test('in a recording that is replayed, as lines and as JSON', async () => {
    const path = await recordingWith(said);
    for (const json of [false, true]) {
      const terminal = new FakeTerminal();
      await replay(path, { json }, terminal);
      expect(terminal.output).not.toBe('');
      expect(terminal.output + terminal.errors).not.toMatch(ACTS);
    }
  });

  test.for(['version', 'format', 'type'])('in the %s of a recording', async (field) => {
    const path = join(await scratch(), 'run.jsonl');
    const header = { type: 'header', format: 'peerchart recording', version: 1, peerchart: said };
    await writeFile(path, `${JSON.stringify({ ...header, [field]: said })}\n`);
    for (const json of [false, true]) {
      const [replaying, inspecting] = [new FakeTerminal(), new FakeTerminal()];
      expect(await replay(path, { json }, replaying)).toBe(2);
      expect(await inspectFile(path, { port: 0, json }, inspecting)).toBe(2);
      const shown = [replaying, inspecting].map(({ output, errors }) => output + errors).join('');
      expect(shown).not.toBe('');
      expect(shown).not.toMatch(ACTS);
    }
  });

  test('in the name of a file, or in an argument', async () => {
    const name = join('/nowhere', said.replaceAll('\0', ''));
    for (const args of [
      ['replay', name],
      ['inspect', name],
      ['key', 'show', name],
      ['ping', `enode://${said}`],
      [said],
    ]) {
      const terminal = new FakeTerminal();
      await runProgram(args, terminal);
      expect(terminal.errors).not.toBe('');
      expect(terminal.errors.trim()).not.toMatch(ACTS);
    }
  });
});

/** A recording whose header, actor and event have this text. */
async function recordingWith(text: string): Promise<string> {
  const path = join(await scratch(), 'run.jsonl');
  const { writer, sink } = runWriter();
  await writer.close();
  const [header = '', ...rest] = sink.text.split('\n');
  const changed = {
    ...(JSON.parse(header) as object),
    peerchart: text,
    startedAt: text,
    node: text,
  };
  const charts = { [text]: text, server: text };
  await writeFile(path, [JSON.stringify({ ...changed, charts }), ...rest].join('\n'));
  expect(await readFile(path, 'utf8')).not.toBe('');
  return path;
}
