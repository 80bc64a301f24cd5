/** What `why` says about go-ethereum. */
import { expect, test } from 'vitest';

import { type WhyOptions, why } from '../../src/cli/why.ts';
import { parseEnode } from '../../src/io/crypto/enode.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { startPeer } from './peer-process.ts';

const ECHO: WhyOptions['offer'] = [{ name: 'echo', version: 1 }];

async function ask(enode: string, offer = ECHO) {
  const terminal = new FakeTerminal();
  const code = await why(
    parseEnode(enode),
    { json: true, timeout: 20, ...(offer && { offer }) },
    terminal,
  );
  return { code, report: await terminal.report('why') };
}

test('takes us', async () => {
  await using geth = await startPeer('geth', ['--name', 'Geth/test']);
  const { code, report } = await ask(geth.started.enode!);
  expect(code).toBe(0);
  expect(report).toMatchObject({ isPeer: true, capabilities: ['echo/1'] });
  expect(report.phases.every(({ result }) => result !== 'failed')).toBe(true);
});

test('is full', async () => {
  await using geth = await startPeer('geth', ['--maxpeers', '1']);
  const { code, report } = await ask(geth.started.enode!);
  expect(code).toBe(1);
  expect(report).toMatchObject({
    state: 'refused.tooManyPeers',
    client: null,
    explanation: { verdict: 'They have no free slot.', confidence: 'certain' },
  });
});

test('shares no capability', async () => {
  await using geth = await startPeer('geth');
  const { code, report } = await ask(geth.started.enode!, [{ name: 'eth', version: 68 }]);
  expect(code).toBe(1);
  expect(report).toMatchObject({
    state: 'rejected.uselessPeer',
    explanation: {
      confidence: 'certain',
      evidence: expect.arrayContaining(['ours: eth/68', 'theirs: echo/1']),
    },
  });
});

test('cannot read an auth for another key', async () => {
  await using geth = await startPeer('geth');
  const { publicKey } = generateNodeKey();
  const enode = geth.started.enode!.replace(/[0-9a-f]{128}/, publicKeyHex(publicKey));
  const { code, report } = await ask(enode);
  expect(code).toBe(1);
  expect(report.phases[3]).toMatchObject({ phase: 'ack', result: 'failed' });
  expect(report.explanation).toMatchObject({
    verdict: expect.stringContaining('public key in the enode is probably not theirs'),
    confidence: 'likely',
  });
});
