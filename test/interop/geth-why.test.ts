/** What `why` prints about go-ethereum. Sentences are compared in full where nothing else can cause them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PHASES } from '../../src/cli/phases.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { WhyReport } from '../../src/cli/why-report.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { saveNodeKey } from '../../src/server/node-key-file.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { scratch } from '../cli/scratch.ts';
import { holdBack } from './holding-proxy.ts';
import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

/** How many handshakes go-ethereum has under way at most. Source: p2p/server.go, defaultMaxPendingPeers. */
const MAX_PENDING_PEERS = 50;

const HUNG_UP = {
  verdict:
    'They hung up on our auth without sending a byte: the public key in the enode is probably not theirs, or they turn our address away.',
  remedy: expect.not.stringContaining('35 s'), // no throttle to wait for on loopback
  confidence: 'likely',
};
const THEY_ARE_FULL = {
  remedy: expect.stringMatching(/^Try others, or later; /),
  confidence: 'certain',
};

test('admits us', async () => {
  await using geth = await startPeer('geth', ['--name', 'Geth/test']);
  const { code, report } = await ask(geth.started.enode!);
  expect(code).toBe(0);
  expect(report).toMatchObject({ isPeer: true, capabilities: ['echo/1'], client: 'Geth/test' });
  expect(report.phases.every(({ result }) => result !== 'failed')).toBe(true);
});

test('J1: TCP accepted, closed with no bytes, fast: netrestrict', async () => {
  await using geth = await startPeer('geth', ['--netrestrict', '10.0.0.0/8']);
  const { code, report } = await ask(geth.started.enode!);
  expect(code).toBe(1);
  // a reset overtakes us or not, as the system likes
  expect(report.state).toMatch(/^(?:failed\.connection(?:Closed|Reset)|lostAtOnce)$/);
  expect(report.explanation).toMatchObject({
    verdict: expect.stringMatching(/our address/),
    remedy: expect.stringMatching(/[Aa]sk whether they restrict networks\.$/),
    confidence: 'likely',
  });
});

test('J1: auth sent, closed: another public key', async () => {
  await using geth = await startPeer('geth');
  const { publicKey } = generateNodeKey();
  const enode = geth.started.enode!.replace(/[0-9a-f]{128}/, publicKeyHex(publicKey));
  const { code, report } = await ask(enode);
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('ack');
  expect(report.explanation).toMatchObject(HUNG_UP);
});

test('J1: auth sent, silence: every handshake slot is taken', async () => {
  await using geth = await startPeer('geth');
  const { port } = new URL(geth.started.enode!);
  for (let count = 0; count < MAX_PENDING_PEERS; count += 1) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
  }
  const { code, report } = await ask(geth.started.enode!, '--timeout', '2');
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('ack');
  expect(report.explanation).toMatchObject({
    verdict:
      'They did not answer our auth: the public key in the enode is not theirs, the port does not speak RLPx, or all their handshake slots are in use.',
    confidence: 'possible',
    evidence: expect.arrayContaining(['we gave up after 2 s']),
  });
});

test('J1: Disconnect before Hello, uncompressed 0x04', async () => {
  await using geth = await startPeer('geth', ['--maxpeers', '1']);
  const { code, report } = await ask(geth.started.enode!);
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('hello');
  expect(report).toMatchObject({
    state: 'refused.tooManyPeers',
    client: null,
    explanation: { verdict: 'They have no free slot.', ...THEY_ARE_FULL },
  });
});

test('J1: Hello then 0x03: no shared capability', async () => {
  await using geth = await startPeer('geth');
  const { code, report } = await ask(geth.started.enode!, '--offer', 'eth/68');
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('capabilities');
  expect(report).toMatchObject({
    state: 'rejected.uselessPeer',
    explanation: {
      verdict: 'We share no capability of the same name and version.',
      confidence: 'certain',
      evidence: expect.arrayContaining(['ours: eth/68', 'theirs: echo/1']),
    },
  });
});

test('J1: Hello then 0x04: the last place goes to another peer during our Hello', async () => {
  await using geth = await startPeer('geth', ['--maxpeers', '1', '--nodial']);
  const { report, code } = await askMeanwhile(geth.started.enode!, [], async () => {
    const guest = await startServer();
    onTestFinished(() => guest.server.stop());
    guest.server.addPeer(geth.started.enode!);
    await geth.next('add');
  });
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('peer');
  expect(report).toMatchObject({
    state: 'ending.refused.tooManyPeers',
    client: 'geth-peer',
    explanation: {
      verdict: 'They are full: they counted their peers again after our Hello.',
      ...THEY_ARE_FULL,
    },
  });
});

test('J1: 0x05 before and after Hello: the same key has another connection', async () => {
  await using geth = await startPeer('geth');
  const nodeKey = generateNodeKey();
  const file = join(await scratch(), 'nodekey');
  await saveNodeKey(file, nodeKey);

  const late = await askMeanwhile(geth.started.enode!, ['--nodekey', file], async () => {
    const first = await startServer({ nodeKey });
    onTestFinished(() => first.server.stop());
    first.server.addPeer(geth.started.enode!);
    await geth.next('add');
  });
  expect(late.report.state).toBe('ending.refused.alreadyConnected');

  const early = await ask(geth.started.enode!, '--nodekey', file);
  expect(failedPhase(early.report)).toBe('hello');
  expect(early.report.state).toBe('refused.alreadyConnected');

  for (const { code, report } of [late, early]) {
    expect(code).toBe(1);
    expect(report.explanation).toMatchObject({
      verdict: 'They hold another connection to us.',
      remedy: expect.stringMatching(/with a copy of your key file\.$/),
      confidence: 'likely',
    });
  }
});

test('disconnects at once without a reason, and the cause is unknown', async () => {
  await using geth = await startPeer('geth');
  const asked = ask(geth.started.enode!);
  await geth.next('add');
  geth.send({ cmd: 'disconnect', reason: 0 });
  const { code, report } = await asked;
  expect(code).toBe(1);
  expect(failedPhase(report)).toBe('peer');
  expect(report).toMatchObject({
    state: 'ending.refused.requested',
    explanation: { confidence: 'unknown', evidence: expect.arrayContaining(['code: 0']) },
  });
});

async function ask(enode: string, ...words: readonly string[]) {
  const terminal = new FakeTerminal();
  const offer = words.includes('--offer') ? [] : ['--offer', 'echo/1'];
  const code = await runProgram(['why', enode, '--json', ...offer, ...words], terminal);
  return { code, report: await terminal.report('why') };
}

/** Our Hello arrives when `act` is done. */
async function askMeanwhile(enode: string, words: readonly string[], act: () => Promise<void>) {
  const { port } = new URL(enode);
  const proxy = await holdBack(Number(port));
  const asked = ask(enode.replace(/:\d+$/, `:${proxy.port}`), '--stay', '9', ...words);
  await proxy.isHolding;
  await act();
  proxy.letGo();
  return asked;
}

function failedPhase({ phases }: WhyReport) {
  const failed = phases.find(({ result }) => result === 'failed')!;
  const later = phases.slice(PHASES.indexOf(failed.phase) + 1);
  expect(later.every(({ result }) => result === 'notReached')).toBe(true);
  return failed.phase;
}
