/** `run --network` speaks eth: who is on the same chain becomes and stays a peer, who is not is told. */
import { expect, test } from 'vitest';
import type { Network } from '../../src/protocols/networks.ts';
import { begin } from './begin-run.ts';

const CHAIN = { genesisHash: 'ab'.repeat(32), genesisTime: 0, blocks: [], times: [] };

const own = (networkId: number): Network => ({
  ...{ name: 'own', source: 'a test', chain: { networkId, ...CHAIN }, bootnodes: [], dnsTrees: [] },
});

test('two nodes of one chain speak eth with each other', async () => {
  const host = begin({ network: own(9) });
  const { enode, id } = await host.terminal.report('started');
  const guest = begin({ network: own(9), server: { staticNodes: [enode] } });
  expect(await guest.terminal.report('peer.added')).toMatchObject({
    id,
    protocols: ['eth/72'],
    capabilities: ['eth/68', 'eth/69', 'eth/70', 'eth/71', 'eth/72'],
  });
  expect(await host.terminal.report('peer.added')).toMatchObject({ protocols: ['eth/72'] });
});

test('a node of another chain is disconnected by the Status', async () => {
  const host = begin({ network: own(9) });
  const { enode } = await host.terminal.report('started');
  const guest = begin({ network: own(8), server: { staticNodes: [enode] } });
  expect(await guest.terminal.report('peer.dropped')).toMatchObject({
    reason: 'subprotocolError',
  });
});

test('with --echo both are spoken, and with --offer no eth', async () => {
  const host = begin({ network: own(9), echo: true });
  const { enode } = await host.terminal.report('started');
  const server = { staticNodes: [enode] };
  const offering = begin({ network: own(9), offer: [{ name: 'eth', version: 69 }], server });
  expect(await host.terminal.report('peer.added')).toMatchObject({ protocols: ['eth/69'] });
  offering.terminal.stop();
  const both = begin({ network: own(9), echo: true, server: { staticNodes: [enode] } });
  expect(await both.terminal.report('peer.added')).toMatchObject({
    protocols: ['echo/1', 'eth/72'],
  });
});
