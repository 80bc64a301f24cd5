import { describe, expect, test } from 'vitest';

import {
  recordSigner,
  type SignerCommand,
  type SignerEvent,
} from '../../../src/io/adapters/record-signer.ts';
import { encodeAttributes, recordEntries } from '../../../src/io/crypto/local-record.ts';
import type { NodeKey } from '../../../src/io/crypto/node-key.ts';
import {
  endpointOf,
  type NodeRecord,
  recordValue,
  signRecord,
} from '../../../src/io/crypto/node-record.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { alice } from '../../support/handshake.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const ATTRIBUTES = encodeAttributes({ eth: [1] });

const run = (key: NodeKey, last: NodeRecord | null = null) =>
  runAdapter<SignerEvent, SignerCommand, unknown>(
    recordSigner({
      key,
      attributes: ATTRIBUTES,
      primitives: noblePrimitives,
      lastRecord: () => last,
    }),
    undefined,
  );

const sign: SignerCommand = {
  type: 'sign',
  seq: 7,
  claims: {
    ipv4: { why: 'static', host: '198.51.100.4', udpPort: 30_301 },
    ipv6: null,
    tcpPort: 30_303,
    udpPort: 30_301,
  },
};

test('a key that multiplies is ready', async () => {
  const { reports } = run(alice);
  await reports.next('key.ready');
  expect(reports.types).toEqual(['key.ready']);
});

test('a key that does not is reported instead of thrown', async () => {
  const { reports } = run({ ...alice, ecdh: () => Promise.reject(new Error('no curve')) });
  expect(await reports.next('key.failed')).toMatchObject({ message: 'Error: no curve' });
});

test('a record is signed at once, with the claims and what protocols add', () => {
  const { reports, send } = run(alice);
  send(sign);
  const [report] = reports.all;
  if (report?.type !== 'record.signed') throw new Error(`got ${report?.type}`);
  const { record } = report;
  expect(record).toMatchObject({ id: alice.id, seq: 7 });
  expect([...record.entries.keys()]).toEqual(['eth', 'id', 'ip', 'secp256k1', 'tcp', 'udp']);
  expect(endpointOf(record)).toEqual({
    host: '198.51.100.4',
    hostKind: 'ipv4',
    tcpPort: 30_303,
    udpPort: 30_301,
  });
});

describe('the last record', () => {
  const entries = recordEntries(sign.claims, ATTRIBUTES);

  test('is kept when it says what is claimed now', () => {
    const last = signRecord({ seq: 3, entries }, alice);
    const { reports, send } = run(alice, last);
    send(sign);
    expect(reports.all).toEqual([{ type: 'record.kept', record: last }]);
  });

  test.for([
    ['an entry less', [...entries].slice(1)],
    ['an entry more', [...entries, ['snap', recordValue([])]]],
    ['another port', [...entries, ['tcp', recordValue(30_304)]]],
    ['a longer value', [...entries, ['eth', recordValue([1, 2])]]],
    [
      'another key of the same number of entries',
      [...[...entries].slice(1), ['les', recordValue([1])]],
    ],
  ] as const)('is replaced when it has %s', ([, others]) => {
    const last = signRecord({ seq: 3, entries: new Map(others) }, alice);
    const { reports, send } = run(alice, last);
    send(sign);
    expect(reports.all).toMatchObject([{ type: 'record.signed', record: { seq: 7 } }]);
  });
});

test('a key that throws when it signs is reported', () => {
  const { reports, send } = run({
    ...alice,
    sign: () => {
      throw new Error('locked');
    },
  });
  send(sign);
  expect(reports.all).toEqual([{ type: 'record.failed', message: 'Error: locked' }]);
});

test('a stopped signer reports nothing', async () => {
  const { reports, stop } = run(alice);
  stop();
  await turns();
  expect(reports.all).toEqual([]);
});
