import { describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import { stateAt } from '../../src/charts/chart-reading.ts';
import { reasonTables, wireCode } from '../../src/charts/reason-table.ts';
import { DISCONNECT_CODES, type DisconnectReason } from '../../src/io/wire/disconnect.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { listenerMachine } from '../../src/machines/listening/listener.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../src/machines/peer/peer-endings.ts';
import { sampleMachine } from './sample.ts';

type Reason = {
  readonly wireReason?: DisconnectReason;
  readonly sentence: string;
  readonly remedy: string;
  metric?: string;
};
type Hears = 'nothing' | 'their word';

const groups: [title: string, blocks: readonly string[], Record<string, Reason>, Hears][] = [
  ['rejected', reasonTables(chartModel(connectionSetupMachine)), REJECTIONS, 'nothing'],
  ['refused', reasonTables(chartModel(connectionSetupMachine)), REFUSALS, 'their word'],
  ['failed', reasonTables(chartModel(connectionSetupMachine)), FAILURES, 'nothing'],
  ['ending.rejected', reasonTables(chartModel(peerMachine)), PEER_REJECTIONS, 'nothing'],
  ['ending.refused', reasonTables(chartModel(peerMachine)), PEER_REFUSALS, 'their word'],
  ['ending.failed', reasonTables(chartModel(peerMachine)), PEER_FAILURES, 'nothing'],
];

describe.each(groups)('reasons of %s', (title, blocks, reasons, hears) => {
  const rows = blocks[blocks.indexOf(`### \`${title}\``) + 2]!.split('\n').slice(2);

  test('are all there, in the order of their table', () => {
    expect(rows.map((row) => cells(row)[0])).toEqual(
      Object.keys(reasons).map((reason) => `\`${reason}\``),
    );
  });

  test.each(Object.entries(reasons))(
    '%s has its Disconnect reason, sentence, remedy and metric',
    (reason, entry) => {
      const row = rows.find((line) => line.startsWith(`| \`${reason}\` |`))!;
      const [, event, wire, sentence, remedy, metric] = cells(row);
      expect(event).toMatch(new RegExp(`^\`[a-z]+\\.${reason}\`$`));
      expect(wire).toBe(onTheWire(reason, entry, hears));
      expect(sentence).toBe(entry.sentence);
      expect(remedy).toBe(entry.remedy);
      // `metric` counts connections that did not become peers
      expect(metric).toBe(title.startsWith('ending.') ? undefined : `\`${entry.metric}\``);
    },
  );
});

test('a Disconnect sent by an entry action is shown, and a group may have no metrics', () => {
  expect(reasonTables(chartModel(sampleMachine)).join('\n')).toContain(
    '| `rude` | `reject.rude` | we send `0x0a self` | It was rude. | – |',
  );
});

test('an outcome has its Disconnect code, sent or received', () => {
  const model = chartModel(connectionSetupMachine);
  const codeOf = (group: string, reason: string) =>
    wireCode(model, stateAt(model, group), `${group}.${reason}`);
  expect(codeOf('rejected', 'tooManyPeers')).toBe('0x04');
  expect(codeOf('refused', 'self')).toBe('0x0a');
  expect(codeOf('refused', 'unrecognised')).toBe('');
  expect(codeOf('failed', 'badFrameMac')).toBe('');
});

test('a machine without outcomes has no table of reasons', () => {
  expect(reasonTables(chartModel(listenerMachine))).toEqual([]);
});

function onTheWire(reason: string, { wireReason }: Reason, hears: Hears): string {
  if (wireReason !== undefined) return `we send \`${withCode(wireReason)}\``;
  if (hears === 'nothing') return 'nothing is sent';
  const word = reason === 'unrecognised' ? 'any other code' : `\`${withCode(reason)}\``;
  return `they sent ${word}; nothing is sent`;
}

const withCode = (word: string): string =>
  `0x${DISCONNECT_CODES[word as DisconnectReason].toString(16).padStart(2, '0')} ${word}`;

const cells = (row: string): readonly string[] => row.slice(2, -2).split(' | ');
