import { expect, onTestFinished, test } from 'vitest';
import { ethVerdicts } from '../../src/crawl/eth-verdicts.ts';
import { ServerNetwork } from '../../src/crawl/server-network.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import type { Chain } from '../../src/io/wire/fork-id.ts';
import { eth } from '../../src/protocols/eth.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { Server } from '../../src/server.ts';

const { chain } = NETWORKS.sepolia;

/** Visits a node of `theirs`, as one that follows sepolia. */
async function visitNodeOf(theirs: Chain) {
  const server = new Server({
    ...{ nodeKey: generateNodeKey(), listen: { host: '127.0.0.1', port: 0 } },
    protocols: eth({ chain: theirs }).protocols,
  });
  await server.start();
  onTestFinished(() => server.stop());
  const observer = eth({ chain });
  const { protocols } = observer;
  const network = await ServerNetwork.open({
    parallel: 1,
    protocols,
    status: ethVerdicts(observer),
  });
  onTestFinished(() => network.close());
  const { id, enode } = server.self;
  return network.visit({ id, text: enode! }, new AbortController().signal);
}

test('a node of the same network is accepted, and its Status is in the record', async () => {
  expect(await visitNodeOf(chain)).toMatchObject({
    ...{ outcome: 'accepted', stage: 'eth', reason: 'accepted', ethVersion: 72 },
    ...{ networkId: chain.networkId, genesis: chain.genesisHash },
    forkId: { hash: expect.stringMatching(/^[0-9a-f]{8}$/), next: expect.any(String) },
    latencyMs: { status: expect.any(Number) },
  });
});

test('a node of another network is rejected, and the record says which one it is on', async () => {
  const visit = await visitNodeOf(NETWORKS.hoodi.chain);
  expect(visit.networkId).toBe(NETWORKS.hoodi.chain.networkId);
  expect(visit).toMatchObject({ stage: 'eth', reason: 'rejected.wrongNetwork', wireCode: 0x10 });
});
