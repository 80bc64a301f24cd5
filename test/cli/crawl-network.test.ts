import { expect, onTestFinished, test } from 'vitest';
import { checkCrawlNetwork, openCrawlNetwork } from '../../src/cli/crawl-network.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';

const NODE = NETWORKS.mainnet.bootnodes.at(-1)!;

const data = { discovery: 'v4', parallel: 1, udp: { host: '127.0.0.1', port: 0 } };

test.each([
  [{}, 'nodes to begin with'],
  [{ discovery: 'dns' }, 'needs a node list'],
  [{ discovery: 'none' }, 'a way to find nodes'],
  [{ network: 'nowhere' }, 'there is no network nowhere'],
])('a crawl with %j is refused', (more, why) => {
  expect(() => checkCrawlNetwork({ ...data, ...more })).toThrow(why);
});

test.each([
  [{ network: 'sepolia' }],
  [{ network: 'hoodi', discovery: 'dns' }],
  [{ bootnodes: [NODE] }],
])('a crawl with %j has something to begin with', (more) => {
  expect(() => checkCrawlNetwork({ ...data, ...more })).not.toThrow();
});

test.each([undefined, 'sepolia'])('a crawl of network %s opens its server', async (network) => {
  const opened = await openCrawlNetwork({
    ...data,
    bootnodes: [`${NODE.split('@')[0]}@127.0.0.1:9`], // the test stays on this machine
    ...(network !== undefined && { network }),
  });
  onTestFinished(() => opened.close());
  expect(opened.self.id).toMatch(/^[0-9a-f]{64}$/);
});
