/**
 * A process that writes to the node store in the folder of its argument as fast as it can, until it is killed. Each line of
 * its output says what must be on the disk from then on: the number of nodes, and the sequence number of our record.
 */
import { levelDatabase } from '../../src/io/adapters/level-database.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { signRecord } from '../../src/io/crypto/node-record.ts';
import { BoundedNodeStore } from '../../src/io/discovery/node-store.ts';
import { systemClock } from '../../src/io/process/clock.ts';

const KEY = createNodeKey(new Uint8Array(32).fill(1));

const [, , folder = '', first = '0'] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = new BoundedNodeStore({
  clock: systemClock,
  unixTimeMs: () => 1_700_000_000_000,
  random: (bytes) => new Uint8Array(bytes),
  openDatabase: levelDatabase(folder),
});
await store.open((message) => say(`fault ${message}`));
say(`open ${store.size} ${store.localRecord(KEY.id)?.seq ?? null}`);
for (let number = Number(first); ; number += 1) {
  for (let part = 0; part < 5; part += 1) {
    const id = (number * 5 + part).toString(16).padStart(64, '0');
    store.ponged(id, '198.51.100.7', 1_700_000_000_000);
  }
  store.setLocalRecord(signRecord({ seq: number + 1, entries: new Map() }, KEY));
  await store.flush();
  say(`saved ${store.size} ${number + 1}`);
}
