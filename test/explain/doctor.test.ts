import { describe, expect, test } from 'vitest';
import type { DiscoveryFacts } from '../../src/explain/discovery-status.ts';
import { examine } from '../../src/explain/doctor.ts';
import type { DoctorFacts, ServerFacts } from '../../src/explain/doctor-facts.ts';

const PUBLIC = '93.184.216.34';

const FINDS_NODES: DiscoveryFacts = {
  ...{ state: 'serving', fault: '', bootnodes: 2, knownBootnodes: 2, excludedBootnodes: 0 },
  ...{ nodes: 40, live: 30, liveOthers: 28, refreshes: 1, unanswered: 0 },
  ...{ traffic: { sent: 100, received: 90 }, clockBehindMs: null },
};

const SILENT: DiscoveryFacts = {
  ...FINDS_NODES,
  ...{ nodes: 2, live: 0, liveOthers: 0, unanswered: 1 },
  traffic: { sent: 10, received: 0 },
};

const NONE = { attempts: 0, successes: 0, errors: {} };

/** A node without a fault, to which a test adds one. */
const SERVER: ServerFacts = {
  ...{ observedMs: 20_000, peers: 3, maxPeers: 50, offersNothing: false, isDialling: true },
  otherSources: 0,
  listening: { host: '0.0.0.0', port: 30_303 },
  record: { hosts: [PUBLIC] },
  gateway: { name: 'UPnP IGDv1', host: PUBLIC, tcpPort: 30_303, fault: '' },
  discovery: { v4: FINDS_NODES, v5: null },
  dials: { attempts: 12, successes: 3, errors: { connection: 9 } },
  inbound: NONE,
};

const FACTS: DoctorFacts = {
  datadir: { path: '/data', exists: true, problem: null, usedBy: null },
  key: { flaw: null, message: '' },
  files: { limit: 1_024, needed: 356 },
  clock: { aheadMs: 40 },
  seenAt: { host: PUBLIC },
  ownHosts: ['192.168.1.2'],
  server: SERVER,
};

const with_ = (changes: Partial<ServerFacts>): Partial<DoctorFacts> => ({
  server: { ...SERVER, ...changes },
});

const failedDials = (errors: Record<string, number>): Partial<DoctorFacts> =>
  with_({
    dials: {
      attempts: Object.values(errors).reduce((sum, count) => sum + count, 0),
      ...{ successes: 0, errors },
    },
  });

const unmapped = { name: null, host: null, tcpPort: null, fault: 'no router answered' };

test('a node without a fault has a line for each check, and each is good', () => {
  const findings = examine(FACTS);
  expect(
    findings.map(({ check, verdict, sentence }) => `${check}: ${verdict}: ${sentence}`),
  ).toEqual([
    'data directory: ok: /data can be used.',
    'key: ok: It can be read, by its owner only.',
    'open files: ok: The limit is 1024; 356 may be needed.',
    'clock: ok: It is right, within 0.1 s.',
    'server: ok: It runs, with 3 of 50 peers.',
    'discovery v4: ok: Discovery works: 30 of 40 nodes in the table have answered a check.',
    'dials: ok: 3 of 12 dials became peers.',
    'inbound: ok: The router (UPnP IGDv1) maps its TCP port 30303 to ours.',
    `record: ok: It advertises ${PUBLIC}.`,
  ]);
  expect(findings.every(({ remedy }) => remedy === '')).toBe(true);
});

type Case = readonly [
  changes: Partial<DoctorFacts>,
  check: string,
  verdict: string,
  sentence: RegExp,
  remedy?: RegExp,
];

const CASES: readonly Case[] = [
  [{ datadir: null }, 'data directory', 'ok', /^None is used/, /--datadir/],
  [
    { datadir: { path: '/d', exists: false, problem: null, usedBy: null } },
    ...(['data directory', 'ok', /missing: the first run makes it/, /^$/] as const),
  ],
  [
    { datadir: { path: '/d', exists: true, problem: 'EACCES', usedBy: null } },
    ...(['data directory', 'fail', /^\/d cannot be used: EACCES\.$/, /--datadir/] as const),
  ],
  [
    { datadir: { path: '/d', exists: true, problem: null, usedBy: 7 } },
    ...(['data directory', 'ok', /in use by process 7/] as const),
  ],
  [{ key: null }, 'key', 'ok', /new in each run/],
  [{ key: { flaw: 'missing', message: '' } }, 'key', 'ok', /none yet/],
  [
    { key: { flaw: 'permissions', message: '/k is accessible to other users' } },
    ...(['key', 'fail', /^\/k is accessible to other users\.$/, /chmod 600/] as const),
  ],
  [{ key: { flaw: 'owner', message: 'x' } }, 'key', 'fail', /^x\.$/, /chown/],
  [{ key: { flaw: 'malformed', message: 'x' } }, 'key', 'fail', /^x\.$/, /Restore/],
  [{ key: { flaw: 'outOfRange', message: 'x' } }, 'key', 'fail', /^x\.$/, /Restore/],
  [{ key: { flaw: 'notAFile', message: 'x' } }, 'key', 'fail', /^x\.$/, /--nodekey/],
  [{ key: { flaw: 'system', message: 'x' } }, 'key', 'fail', /^x\.$/, /Mend/],
  [
    { files: { limit: 256, needed: 356 } },
    ...(['open files', 'warn', /^The limit is 256, and 356/, /ulimit -n 356.*--maxpeers/] as const),
  ],
  [
    { files: { limit: Number.POSITIVE_INFINITY, needed: 356 } },
    ...(['open files', 'ok', /^The limit is none/] as const),
  ],
  [{ clock: { aheadMs: 3_000 } }, 'clock', 'warn', /^It is 3\.0 s behind\.$/, /NTP/],
  [{ clock: { aheadMs: -10_000 } }, 'clock', 'fail', /^It is 10\.0 s ahead\.$/, /NTP/],
  [{ clock: { aheadMs: 2_999 } }, 'clock', 'ok', /right/],
  [{ clock: { why: 'no answer' } }, 'clock', 'ok', /Nodes of discovery v4 answer/],
  [
    { clock: { why: 'no answer' }, ...with_({ discovery: { v4: SILENT, v5: null } }) },
    ...(['clock', 'unknown', /no answer/, /Compare/] as const),
  ],
  [
    {
      clock: { why: '' },
      ...with_({ discovery: { v4: { ...SILENT, clockBehindMs: 60_000 }, v5: null } }),
    },
    ...(['clock', 'fail', /60\.0 s behind/] as const),
  ],
  [
    { server: { why: 'start failed at listening: EADDRINUSE' } },
    ...(['server', 'fail', /EADDRINUSE/, /--port/] as const),
  ],
  [
    {
      datadir: { path: '/d', exists: true, problem: null, usedBy: 7 },
      server: { why: 'no such file' },
    },
    ...([
      'server',
      'unknown',
      /^The node of process 7 does not answer: no such file/,
      /--ipc/,
    ] as const),
  ],
  [{ server: { why: 'the key is bad' } }, 'server', 'fail', /the key is bad/, /Mend/],
  [
    with_({ discovery: { v4: SILENT, v5: null } }),
    ...(['discovery v4', 'fail', /No bootnode has answered/, /firewall/] as const),
  ],
  [
    with_({ discovery: { v4: null, v5: { ...FINDS_NODES, bootnodes: 0, live: 0, nodes: 0 } } }),
    ...(['discovery v5', 'fail', /no bootnodes/, /--bootnodes/] as const),
  ],
  [
    with_({ discovery: { v4: { ...FINDS_NODES, live: 0, refreshes: 0 }, v5: null } }),
    ...(['discovery v4', 'warn', /asks its first nodes/] as const),
  ],
  [
    with_({ discovery: { v4: null, v5: null } }),
    ...(['discovery v4', 'warn', /Discovery is off, and no other/, /--static/] as const),
  ],
  [
    with_({ discovery: { v4: null, v5: null }, otherSources: 1 }),
    ...(['discovery v4', 'ok', /come from elsewhere/] as const),
  ],
  [with_({ isDialling: false }), 'dials', 'ok', /does not dial/],
  [
    failedDials({ connection: 9, saturated: 1 }),
    'dials',
    'fail',
    /^None of 10 dials became a peer: 9 did not connect, 1 are full\.$/,
    /lets TCP out/,
  ],
  [failedDials({ encHandshake: 3 }), 'dials', 'fail', /encryption handshake/, /enode URLs/],
  [failedDials({ protoHandshake: 3 }), 'dials', 'fail', /Hello/, /peerchart why/],
  [failedDials({ useless: 3 }), 'dials', 'fail', /share no protocol/, /--offer/],
  [
    with_({ dials: { attempts: 1, successes: 0, errors: { useless: 1 } }, offersNothing: true }),
    ...(['dials', 'fail', /share no protocol/, /protocols/] as const),
  ],
  [failedDials({ unexpectedIdentity: 1 }), 'dials', 'fail', /another key/, /current enode/],
  [failedDials({ saturated: 8, connection: 2 }), 'dials', 'warn', /8 are full/, /Wait/],
  [failedDials({ self: 1 }), 'dials', 'warn', /are this node/, /own enode/],
  [failedDials({ other: 1 }), 'dials', 'fail', /ended otherwise/, /why/],
  [with_({ dials: NONE }), 'dials', 'unknown', /No node was found to dial within 20 s/, /--static/],
  [
    with_({ dials: { ...NONE, attempts: 2 } }),
    ...(['dials', 'unknown', /No dial ended within 20 s/, /--seconds/] as const),
  ],
  [with_({ dials: NONE, peers: 50 }), 'dials', 'ok', /every place is taken/],
  [with_({ listening: null }), 'inbound', 'ok', /only dial/],
  [
    with_({ listening: { host: '127.0.0.1', port: 1 } }),
    ...(['inbound', 'warn', /only this computer/, /--host ::/] as const),
  ],
  [with_({ inbound: { ...NONE, attempts: 1 } }), 'inbound', 'ok', /^1 connection came in/],
  [
    { ownHosts: [PUBLIC], ...with_({ gateway: null }) },
    ...(['inbound', 'unknown', /public address 93/, /TCP port 30303/] as const),
  ],
  [
    with_({ gateway: unmapped }),
    'inbound',
    'warn',
    /No router.*no router answered/,
    /Forward TCP port 30303/,
  ],
  [with_({ gateway: null }), 'inbound', 'warn', /behind NAT.*93/, /Forward/],
  [
    { seenAt: { why: '' }, ...with_({ gateway: null }) },
    ...(['inbound', 'unknown', /address is not known/, /Forward/] as const),
  ],
  [
    with_({ gateway: { ...SERVER.gateway!, host: '10.0.0.1' } }),
    ...([
      'inbound',
      'warn',
      /behind another router.*10\.0\.0\.1, others see 93/,
      /outer router/,
    ] as const),
  ],
  [
    { seenAt: { host: '93.184.216.35' } },
    ...(['inbound', 'warn', /behind another router/] as const),
  ],
  [with_({ record: null }), 'record', 'unknown', /no node record/],
  [with_({ record: { hosts: [] } }), 'record', 'warn', /no address/, /--external-ip/],
  [
    with_({ record: { hosts: ['192.168.1.2'] } }),
    ...(['record', 'warn', /advertises 192\.168\.1\.2, which/, /--external-ip/] as const),
  ],
  [
    with_({ record: { hosts: ['127.0.0.1'] }, listening: { host: '127.0.0.1', port: 1 } }),
    ...(['record', 'warn', /127\.0\.0\.1/, /--host ::/] as const),
  ],
  [
    { seenAt: { host: '93.184.216.35' } },
    ...(['record', 'warn', /others see 93\.184\.216\.35/, /--external-ip/] as const),
  ],
  [{ seenAt: { host: '2a00:1450::1' } }, 'record', 'ok', /advertises/],
];

describe('a fault on purpose', () => {
  test.for(
    CASES.map(
      ([changes, check, verdict, sentence, remedy]) =>
        [check, verdict, sentence, remedy, changes] as const,
    ),
  )('%s is judged as %s: %s', ([check, verdict, sentence, remedy, changes]) => {
    const found = examine({ ...FACTS, ...changes }).filter((one) => one.check === check);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ verdict, sentence: expect.stringMatching(sentence) });
    if (remedy) expect(found[0]!.remedy).toMatch(remedy);
  });
});

test('whatever does not go well has a remedy', () => {
  for (const [changes] of CASES)
    for (const { verdict, remedy, check } of examine({ ...FACTS, ...changes }))
      if (verdict === 'fail') expect([check, remedy]).not.toEqual([check, '']);
});
