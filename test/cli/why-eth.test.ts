/** What `peerchart why` says about eth, each cause by a node of ours or a hand-driven one. go-ethereum is in test/interop. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Chain, forkIdAt, headAtTime } from '../../src/io/wire/fork-id.ts';
import { eth } from '../../src/protocols/eth.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { enodeOf } from '../support/world.ts';
import { askWhyEth, type Cause, failedPhase, NOW_MS, server } from './asking-why.ts';
import { ethGuest as raw, statusOn } from './eth-guest.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

const NOW = NOW_MS / 1_000;
const { mainnet, hoodi } = NETWORKS;
const HOODI = ['--network', 'hoodi'];

const speaking = (chain: Chain, atTime = NOW): Cause =>
  server({ protocols: eth({ chain, head: () => headAtTime(chain, atTime) }).protocols });

const BROKEN = Uint8Array.of(0xc1, 0x01);

describe('a node that accepts our Status', () => {
  test('is our peer; without --network our Status is that of its network', async () => {
    const report = await askWhyEth(speaking(hoodi.chain));
    expect(report).toMatchObject({
      isPeer: true,
      state: 'peer',
      eth: {
        ...{ protocol: 'eth/72', state: 'active.confirmed' },
        ours: { network: 'hoodi', networkId: '560048' },
        theirs: { network: 'hoodi', networkId: '560048' },
      },
      explanation: {
        verdict:
          'They are our peer on network 560048 (hoodi): they accept our Status of eth/72, and stayed connected for 8 s.',
        remedy: 'Nothing.',
        confidence: 'certain',
      },
    });
    expect(report.eth?.ours.forkId).toEqual(report.eth?.theirs?.forkId);
    expect(report.phases.at(-2)).toMatchObject({ phase: 'status', result: 'passed' });
  });

  test('on a network that is given is our peer, too', async () => {
    const { eth: session, explanation } = await askWhyEth(speaking(hoodi.chain), HOODI);
    expect(session).toMatchObject({ state: 'active.confirmed', ours: { network: 'hoodi' } });
    expect(explanation.confidence).toBe('certain');
  });

  test('and is asked for a shorter time has not refused it', async () => {
    const { explanation } = await askWhyEth(speaking(hoodi.chain), ['--stay', '2']);
    expect(explanation.verdict).toMatch(/they have not refused ours, and stayed connected for 2 s/);
    expect(explanation.confidence).toBe('likely');
  });

  test('on a chain of a file is on the network of that name', async () => {
    const chain = { ...hoodi.chain, networkId: 77, blocks: [3] };
    const path = join(await scratch(), 'own.json');
    await writeFile(path, JSON.stringify(chain));
    const report = await askWhyEth(speaking(chain), ['--network', path]);
    expect(report.eth).toMatchObject({ state: 'active.confirmed', ours: { network: 'own' } });
  });

  test('on a chain without forks is accepted without its description', async () => {
    const chain = { ...hoodi.chain, networkId: 77, times: [] };
    const report = await askWhyEth(speaking(chain));
    expect(report.eth).toMatchObject({ state: 'active.confirmed', ours: { network: null } });
  });
});

type Row = readonly [
  cause: Cause,
  words: readonly string[],
  /** Of the session. */
  session: string,
  /** Of the peer. */
  state: string,
  verdict: RegExp,
  confidence: Confidence,
];

const OURS = 'ending.rejected.subprotocolError';
const THEIRS = 'ending.refused.subprotocolError';
const [prague, osaka] = hoodi.chain.times as [number, number];
const LATER = { ...hoodi.chain, times: [...hoodi.chain.times, NOW - 10] };

const ROWS: Readonly<Record<string, Row>> = {
  'another network': [
    speaking(mainnet.chain),
    HOODI,
    'rejected.wrongNetwork',
    OURS,
    /^They are on another network: theirs is 1 \(mainnet\), ours is 560048 \(hoodi\)\.$/,
    'certain',
  ],
  'another genesis': [
    speaking({ ...hoodi.chain, genesisHash: '11'.repeat(32) }),
    HOODI,
    'rejected.wrongGenesis',
    OURS,
    /^They have our network id, 560048, and another genesis block/,
    'certain',
  ],
  'a fork id that is too old': [
    speaking({ ...hoodi.chain, times: [prague, osaka] }),
    [],
    'rejected.forkIdStale',
    OURS,
    /^Their fork id is too old: /,
    'certain',
  ],
  'a fork id that is too new': [
    speaking(LATER),
    [],
    'rejected.forkIdIncompatible',
    OURS,
    /^Their fork id is too new, or of another branch: /,
    'certain',
  ],
  'a fork id with a fork that has passed': [
    speaking(LATER, NOW - 100),
    HOODI,
    'rejected.forkIdIncompatible',
    OURS,
    /^Their fork id is too new: they expect a fork at \d+, which has passed and /,
    'certain',
  ],
  'a private chain that we do not know': [
    speaking({ ...LATER, networkId: 77 }),
    [],
    'rejected.forkIdIncompatible',
    OURS,
    /^Their fork id is too new, or of another branch: /,
    'certain',
  ],
  'no Status': [
    raw(),
    HOODI,
    'rejected.statusTimeout',
    'ending.rejected.readTimeout',
    /^Their Status did not come within 5 s\.$/,
    'likely',
  ],
  'no Status, and no network is given': [
    raw(),
    [],
    'rejected.statusTimeout',
    'ending.rejected.readTimeout',
    /^Their Status did not come within 5 s\.$/,
    'likely',
  ],
  'a Status that cannot be read': [
    raw([0, BROKEN]),
    [],
    'rejected.badStatus',
    OURS,
    /^Their Status cannot be decoded/,
    'certain',
  ],
  'another message first': [
    raw([2, BROKEN]),
    HOODI,
    'rejected.notStatus',
    OURS,
    /^Their first message is no Status\.$/,
    'certain',
  ],
  'a Status that we accept, and they do not': [
    raw(statusOn(hoodi.chain), 'subprotocolError'),
    HOODI,
    'refused.afterStatus',
    THEIRS,
    /^They ended eth after our Status, although both name the same chain: /,
    'likely',
  ],
  'a Disconnect in place of Status': [
    raw('subprotocolError'),
    HOODI,
    'refused.beforeStatus',
    THEIRS,
    /^Their eth handshake failed with ours: another network id, genesis or fork id/,
    'likely',
  ],
  'no room after Status': [
    raw(statusOn(hoodi.chain), 'tooManyPeers'),
    HOODI,
    'refused.afterStatus',
    'ending.refused.tooManyPeers',
    /^They are full: /,
    'certain',
  ],
  'our Status too late, they say': [
    raw(statusOn(hoodi.chain), 'readTimeout'),
    HOODI,
    'refused.afterStatus',
    'ending.refused.readTimeout',
    /^They say that our Status did not come in time, and we sent it/,
    'possible',
  ],
};

describe('the verdict on', () => {
  test.for(Object.entries(ROWS))('%s', async ([, row]) => {
    const [cause, words, session, state, verdict, confidence] = row;
    const report = await askWhyEth(cause, words);
    expect(report.explanation.verdict).toMatch(verdict);
    expect(report.explanation.confidence).toBe(confidence);
    expect(report.explanation.evidence).toContain(`session of ${report.eth?.protocol}: ${session}`);
    expect(report.state).toBe(state);
    expect(report.isPeer).toBe(false);
    expect(failedPhase(report)).toBe(session.startsWith('refused.after') ? 'peer' : 'status');
  });
});

test('both Status messages are evidence', async () => {
  const { explanation } = await askWhyEth(speaking(mainnet.chain), HOODI);
  const [theirs, ours] = [mainnet, hoodi].map(
    ({ chain }) => forkIdAt(chain, headAtTime(chain, NOW)).hash,
  );
  expect(explanation.evidence).toEqual(
    expect.arrayContaining([
      `their Status: network 1 (mainnet), genesis d4e56740…8fa3, fork id ${theirs}, no next fork`,
      `our Status: network 560048 (hoodi), genesis bbe31286…971b, fork id ${ours}, no next fork`,
    ]),
  );
});

test('a node that shares no eth is asked nothing about it', async () => {
  const { eth: session, state } = await askWhyEth(server());
  expect(session).toBe(null);
  expect(state).toBe('rejected.uselessPeer');
});

test('--network and --offer exclude each other', async () => {
  const terminal = new FakeTerminal();
  const words = ['why', enodeOf(2), ...HOODI, '--offer', 'eth/69'];
  expect(await runProgram(words, terminal)).toBe(1);
  expect(terminal.errors).toMatch(/with --offer none is sent: omit one\n$/);
});
