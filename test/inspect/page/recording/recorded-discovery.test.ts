/** Rows of discovery in an untrusted file. */
import { expect, test } from 'vitest';

import { recordedLine } from '../../../../src/inspect/page/recording/recorded-line.ts';
import { discoveryView } from '../../../../src/inspect/recorder/discovery-view.ts';
import { nodesAt } from '../../../support/table-nodes.ts';
import { servingTable } from '../../../support/table-run.ts';

test('the rows of a file are read unchanged, and hostile ones are cut and escaped', () => {
  const run = servingTable({}, nodesAt(256, 20));
  const view = discoveryView(run.actor.getSnapshot(), { bootnodes: 1, stats: null });
  const read = (row: object) => {
    const line = recordedLine(JSON.stringify({ type: 'row', actor: 1, row }));
    return typeof line === 'object' && line.type === 'row' ? line.row : null;
  };
  const claim = { why: 'predicted', remote: '192.0.2.1:1' };
  const rows = [
    { discovers: true },
    { discovery: view },
    { seq: 1, record: 'enr:AA', ipv4: claim, ipv6: null },
    {
      ...{ mechanism: 'any', gateway: 'UPnP', external: '192.0.2.1', fault: '' },
      mappings: [{ protocol: 'udp', port: 1, externalPort: 2, failures: 0 }],
    },
    { target: 'ab', path: [{ id: 'c', remote: 'd', answer: 'nodes' }], found: 1 },
    { listUrl: 'enrtree://KEY@n', rootSeq: 1, nodes: 2, unread: 3, lastFailure: 'hashMismatch' },
    { listUrl: 'enrtree://KEY@n', rootSeq: null, nodes: 0, unread: 0, lastFailure: null },
  ];
  for (const row of rows) expect(read(row)).toEqual(row);
  expect(read({ discovery: 1, target: '\u202e', path: {}, found: -1, record: 2, ipv4: 3 })).toEqual(
    { target: '\\u{202e}', path: [], found: 0, seq: 0, record: '', ipv4: null, ipv6: null },
  );
  expect(read({ mechanism: 1, mappings: [{ protocol: 'x', port: -1 }, 2, {}, {}] })).toEqual({
    ...{ mechanism: '', gateway: '', external: '', fault: '' },
    mappings: [{ protocol: 'tcp', port: 0, externalPort: 0, failures: 0 }],
  });
  const path = Array.from({ length: 1_000 }, () => ({ id: 'x'.repeat(2_000) }));
  const long = read({ target: '', path, found: 0 }) as unknown as { path: { id: string }[] };
  expect([long.path.length, long.path[0]!.id.length]).toEqual([64, 513]);
});
