import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNetworkFile } from '../../src/cli/network-file.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { enodeOf } from '../support/world.ts';
import { scratch } from './scratch.ts';

const HASH = 'AB'.repeat(32);

async function fileOf(content: unknown): Promise<string> {
  const path = join(await scratch(), 'mine.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a file with a chain', () => {
  test('needs a network id and a genesis', async () => {
    const path = await fileOf({ networkId: 1337, genesisHash: `0x${HASH}` });
    expect(readNetworkFile(path)).toEqual({
      name: 'mine',
      source: path,
      chain: {
        ...{ networkId: 1337, genesisHash: HASH.toLowerCase(), genesisTime: 0 },
        ...{ blocks: [], times: [] },
      },
      bootnodes: [],
      dnsTrees: [],
    });
  });

  test('may have forks, bootnodes and DNS node lists', async () => {
    const { dnsTrees } = NETWORKS.hoodi;
    const more = { genesisTime: 5, blocks: [7], times: [9], bootnodes: [enodeOf(1)], dnsTrees };
    const network = readNetworkFile(await fileOf({ networkId: 1, genesisHash: HASH, ...more }));
    const { chain, bootnodes } = network;
    expect({ ...chain, bootnodes, dnsTrees: network.dnsTrees }).toMatchObject(more);
  });

  test.for<[unknown, RegExp]>([
    ['{', /mine\.json: not JSON: /],
    ['[]', /mine\.json: expected an object$/],
    ['null', /expected an object$/],
    [{}, /"networkId" expected a whole number from 0 on$/],
    [{ networkId: -1, genesisHash: HASH }, /"networkId" expected a whole number/],
    [{ networkId: 1 }, /"genesisHash" expected a hash of 64 hex digits$/],
    [{ networkId: 1, genesisHash: 'ab' }, /"genesisHash" expected a hash/],
    [{ networkId: 1, genesisHash: HASH, times: 7 }, /"times" expected a list$/],
    [{ networkId: 1, genesisHash: HASH, times: ['7'] }, /"times" expected a whole number/],
    [{ networkId: 1, genesisHash: HASH, bootnodes: [7] }, /"bootnodes" expected texts$/],
    [{ networkId: 1, genesisHash: HASH, bootnodes: ['x'] }, /"bootnodes" .*enode/],
    [{ networkId: 1, genesisHash: HASH, dnsTrees: ['x'] }, /"dnsTrees" /],
    [{ networkId: 1, genesisHash: HASH, forks: [] }, /"forks" is not known; the fields are /],
    [' '.repeat(65 * 1024), /cannot be read: it has more than 65536 bytes$/],
  ])('%j is refused', async ([content, message]) => {
    const path = await fileOf(content);
    expect(() => readNetworkFile(path)).toThrow(message);
  });

  test('that is absent, a folder or a pipe is refused', async () => {
    const folder = await scratch();
    expect(() => readNetworkFile(join(folder, 'none.json'))).toThrow(/cannot be read: ENOENT/);
    expect(() => readNetworkFile(folder)).toThrow(/cannot be read: it is not a file$/);
    const pipe = join(folder, 'pipe.json');
    execFileSync('mkfifo', [pipe]);
    expect(() => readNetworkFile(pipe)).toThrow(/cannot be read: it is not a file$/);
  });
});
