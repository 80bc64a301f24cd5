import { describe, expect, test } from 'vitest';
import { configurationOf } from '../../src/cli/configuration.ts';
import { runOptionsOf } from '../../src/cli/run-options.ts';
import { SETTING_NAMES, type Settings } from '../../src/cli/settings.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { checkOptions } from '../../src/server/config.ts';
import { enodeOf } from '../support/world.ts';

async function optionsWith(flags: Settings = {}) {
  return runOptionsOf((await configurationOf(flags)).settings);
}

describe('what is run', () => {
  test.for<[Settings, object]>([
    [{}, { listen: { host: '::', port: 30_303 }, nat: 'any', discovery: ['v4'] }],
    [{ 'server.listen.host': 'none' }, { listen: null }],
    [{ 'server.listen.host': '127.0.0.1' }, { nat: 'none' }],
    [{ 'server.listen.host': '127.0.0.1', 'server.nat': 'upnp' }, { nat: 'upnp' }],
    [{ 'server.discovery': 'v5,v4' }, { discovery: ['v4', 'v5'] }],
    [{ 'server.discoveryListen': '[::]:1' }, { discoveryListen: { host: '::', port: 1 } }],
    [{ 'server.discv5Listen': 'localhost:2' }, { discv5Listen: { host: 'localhost', port: 2 } }],
    [
      { 'server.maxPeers': 0, 'server.noDial': true },
      { maxPeers: 0, noDial: true },
    ],
  ])('%j: the server gets %j', async ([flags, expected]) => {
    expect((await optionsWith(flags)).server).toMatchObject(expected);
  });

  test('a network gives its bootnodes, its network id, and with dns its node lists', async () => {
    const { chain, bootnodes, dnsTrees } = NETWORKS.hoodi;
    const options = await optionsWith({ network: 'hoodi' });
    expect(options).toMatchObject({ network: NETWORKS.hoodi, networkId: chain.networkId });
    expect(options.server.bootnodes).toEqual(bootnodes);
    expect(options.server.dnsTrees).toBe(undefined);
    const dns = await optionsWith({ network: 'hoodi', 'server.discovery': 'dns' });
    expect(dns.server).toMatchObject({ discovery: [], dnsTrees });
  });

  test('what is given comes before what a network has', async () => {
    const given = {
      'server.bootnodes': [enodeOf(1)],
      'server.dnsTrees': NETWORKS.sepolia.dnsTrees,
    };
    const { server } = await optionsWith({ network: 'hoodi', ...given });
    expect(server).toMatchObject({
      bootnodes: given['server.bootnodes'],
      dnsTrees: given['server.dnsTrees'],
    });
  });

  test('the network id must be that of the network', async () => {
    expect(await optionsWith({ network: 'mainnet', networkId: 1 })).toMatchObject({ networkId: 1 });
    await expect(optionsWith({ network: 'mainnet', networkId: 2 })).rejects.toThrow(
      'the network id of mainnet is 1, and --network-id says 2: omit one',
    );
  });

  test.for<[Settings, object | undefined]>([
    [{}, undefined],
    [{ 'inspect.port': 7 }, { port: 7, actions: false }],
    [{ 'inspect.actions': true }, { port: 0, actions: true }],
    [{ 'inspect.host': 'localhost' }, { port: 0, actions: false, host: 'localhost' }],
  ])('%j: the inspector gets %j', async ([flags, expected]) => {
    expect((await optionsWith(flags)).inspector).toEqual(expected);
  });

  test('other settings keep their names', async () => {
    const flags = {
      datadir: 'd',
      nodeKeyFile: 'k',
      offer: ['a/1'],
      'metrics.port': 3,
      identity: 'me',
      networkId: 4,
    } as const;
    expect(await optionsWith(flags)).toMatchObject({
      ...{
        datadir: 'd',
        nodekey: 'k',
        metricsPort: 3,
        logLevel: 'warn',
        identity: 'me',
        networkId: 4,
      },
      offer: [{ name: 'a', version: 1 }],
    });
  });
});

describe('the admin API', () => {
  test.for<[Settings, object]>([
    [{}, {}],
    [{ 'admin.ipc': 'none' }, { ipc: null }],
    [{ 'admin.ipc': 'a.ipc' }, { ipc: 'a.ipc' }],
    [{ 'admin.ipc': 'a.ipc', datadir: 'd' }, { ipc: 'd/a.ipc' }],
    [{ 'admin.ipc': './a.ipc', datadir: 'd' }, { ipc: './a.ipc' }],
    [
      { 'admin.http.port': 1, 'admin.ws.port': 2, 'admin.ws.apis': ['admin'] },
      { http: { port: 1 }, ws: { port: 2, apis: ['admin'] } },
    ],
    [{ 'admin.http.port': 1, 'admin.http.host': '::1' }, { http: { port: 1, host: '::1' } }],
  ])('%j gives %j', async ([flags, expected]) => {
    expect((await optionsWith(flags)).admin).toEqual(expected);
  });

  test('an address without a port is refused', async () => {
    const wrong = optionsWith({ 'admin.ws.host': '::1' });
    await expect(wrong).rejects.toThrow('the admin API has no port: give it one with --ws-port');
  });
});

test('discovery by DNS needs a node list', async () => {
  await expect(optionsWith({ 'server.discovery': 'dns' })).rejects.toThrow(/with --dns-tree/);
});

test('the server knows every setting of its table, and takes the defaults', async () => {
  const { server } = await optionsWith();
  const config = checkOptions({ ...server, nodeKey: generateNodeKey() });
  const names = SETTING_NAMES.filter((name) => /^server\.\w+$/.test(name));
  expect(names.length).toBeGreaterThan(20);
  const renamed = [
    'name',
    'externalIp',
    'discovery',
    'staticExempt',
    'dialRatio',
    'dialShare',
    'primitives',
  ];
  for (const name of names.map((one) => one.slice('server.'.length)))
    if (!renamed.includes(name)) expect(config).toHaveProperty(name);
});
