import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enrDecode, enrNew, enrShow } from '../../src/cli/enr.ts';
import { CommandError } from '../../src/cli/error.ts';
import { levelDatabase } from '../../src/io/adapters/level-database.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { BoundedNodeStore } from '../../src/io/discovery/node-store.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { unixTimeMs } from '../../src/io/process/wall-time.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import { placesIn } from '../../src/node/data-directory.ts';
import { saveNodeKey } from '../../src/server/node-key-file.ts';
import { loadVectors } from '../support/crypto.ts';
import { ownRecord } from '../support/stored-nodes.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

type Vectors = { readonly valid: readonly { readonly name: string; readonly text: string }[] };
const { valid } = loadVectors<Vectors>('enr.json');
const textNamed = (name: string): string => valid.find((vector) => vector.name === name)!.text;

function decoded(text: string): Record<string, unknown> {
  const terminal = new FakeTerminal();
  expect(enrDecode(text, { json: true }, terminal)).toBe(0);
  return JSON.parse(terminal.output) as Record<string, unknown>;
}

describe('enr decode', () => {
  test('prints id, sequence number, size, enode URL and each entry', () => {
    const terminal = new FakeTerminal();
    expect(enrDecode(textNamed('dual-stack-all-keys'), {}, terminal)).toBe(0);
    const rows = terminal.output.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['node id', 'a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7'],
      ['sequence', '7'],
      ['size', '216 bytes'],
      [
        'enode',
        expect.stringMatching(
          /^enode:\/\/ca63.*@\[2001:db8:3c4d:15::abcd:ef12\]:30304\?discport=30305/,
        ),
      ],
      ['eth', '[[0xfc64ec04, 0x118c30]]'],
      ['id', 'v4'],
      ['ip', '127.0.0.1'],
      ['ip6', '2001:db8:3c4d:15::abcd:ef12'],
      ['quic', '9001'],
      ['quic6', '9091'],
      ['secp256k1', '0x03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138'],
      ['snap', '[]'],
      ['tcp', '30303'],
      ['tcp6', '30304'],
      ['udp', '30303'],
      ['udp6', '30305'],
    ]);
  });

  test('prints the same as JSON', () => {
    expect(decoded(textNamed('eip778-example'))).toMatchObject({
      type: 'enr',
      seq: 1,
      host: '127.0.0.1',
      tcpPort: 0,
      udpPort: 30_303,
      entries: { id: 'v4', ip: '127.0.0.1', udp: '30303' },
    });
  });

  test('of a record without an address there is no enode URL', () => {
    expect(decoded(textNamed('seq-zero-minimal'))['enode']).toBeNull();
  });

  test('control characters in keys and values do not reach the terminal', () => {
    const entries = new Map([['\u001b[2J', recordValue(new TextEncoder().encode('\u001b[2J'))]]);
    const terminal = new FakeTerminal();
    enrDecode(formatRecord(signRecord({ seq: 1, entries }, keyOf(1)).bytes), {}, terminal);
    expect(terminal.output).not.toContain('\u001b');
    expect(terminal.output).toContain('\\u{1b}[2J');
  });

  test('a text that is no record is one error line', () => {
    expect(() => enrDecode('enr:x', {}, new FakeTerminal())).toThrow(CommandError);
  });
});

describe('enr new', () => {
  const key = keyOf(1);

  async function made(options: Parameters<typeof enrNew>[1]): Promise<string> {
    const file = join(await scratch(), 'nodekey');
    await saveNodeKey(file, key);
    const terminal = new FakeTerminal();
    expect(await enrNew(file, options, terminal)).toBe(0);
    return terminal.output.trimEnd();
  }

  test('prints a record that is read again', async () => {
    const text = await made({ seq: 5, ip: '192.0.2.1', ip6: '2001:db8::1', tcp: 1, udp: 2 });
    expect(parseNode(text)).toMatchObject({
      id: key.id,
      host: '192.0.2.1',
      tcpPort: 1,
      udpPort: 2,
      record: { seq: 5 },
    });
  });

  test.for([
    { seq: 1, ip: '2001:db8::1' },
    { seq: 1, ip6: '192.0.2.1' },
    { seq: 1, ip: 'node.example' },
    { seq: 1, ip6: '::ffff:192.0.2.1' },
  ])('an address of the wrong family is refused: %o', async (options) => {
    await expect(made(options)).rejects.toBeInstanceOf(CommandError);
  });
});

describe('enr show', () => {
  async function shown(path: string, options: Parameters<typeof enrShow>[1] = {}) {
    const terminal = new FakeTerminal();
    expect(await enrShow(path, options, terminal)).toBe(0);
    return terminal.output.trimEnd().split('\n');
  }

  async function storeIn(folder: string) {
    const store = new BoundedNodeStore({
      clock: systemClock,
      random: (bytes) => new Uint8Array(bytes),
      unixTimeMs,
      openDatabase: levelDatabase(folder),
    });
    await store.open(() => {});
    return store;
  }

  test('of a key file prints the record of a node that starts now, and what is in it', async () => {
    const file = join(await scratch(), 'nodekey');
    await saveNodeKey(file, keyOf(1));
    const [text = '', ...rows] = await shown(file, { udp: 30_301 });
    const record = parseNode(text).record!;
    expect(Math.abs(record.seq - unixTimeMs())).toBeLessThan(60_000);
    expect(rows[0]).toContain(keyOf(1).id);
    expect(parseNode(text)).toMatchObject({ host: '127.0.0.1', tcpPort: 30_303, udpPort: 30_301 });
  });

  test('of a data directory has a higher number than its node had', async () => {
    const folder = await scratch();
    const { nodekey, nodes } = placesIn(folder);
    await saveNodeKey(nodekey, keyOf(1));
    const future = 2 * unixTimeMs();
    const store = await storeIn(nodes);
    store.setLocalRecord(ownRecord(future, 1));
    await store.close();
    const [json = ''] = await shown(folder, { json: true, ip: '198.51.100.1' });
    expect(JSON.parse(json)).toMatchObject({ seq: future + 1, host: '198.51.100.1' });
  });

  test('of a node that runs is refused, with what to do instead', async () => {
    const folder = await scratch();
    const { nodekey, nodes } = placesIn(folder);
    await saveNodeKey(nodekey, keyOf(1));
    const store = await storeIn(nodes);
    await expect(shown(folder)).rejects.toThrow(/A node that runs prints its record/);
    await store.close();
  });

  test('of a folder without a key is refused', async () => {
    await expect(shown(await scratch())).rejects.toThrow(/nodekey does not exist/);
  });
});
