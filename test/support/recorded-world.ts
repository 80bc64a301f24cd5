/** Some nodes under many faults, each with a recording in memory. */
import { Lifecycle } from '../../src/actors/lifecycle.ts';
import { createMask, NO_MASK } from '../../src/inspect/recording/mask.ts';
import { RecordingWriter } from '../../src/inspect/recording/recording-writer.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { MemorySink, someHeader } from './recordings.ts';

const FAULTS = { reset: 0.2, fin: 0.1, stall: 0.1, neverReads: 0.1 };

export type RecordedNode = {
  readonly label: string;
  readonly sink: MemorySink;
  readonly secret: string;
  readonly id: string;
  readonly address: string;
};

/** Ids come from the number of a node, so those of another world are the same. */
function idsOf(count: number): readonly string[] {
  const world = createWorld({ seed: 0, crypto: 'fast' });
  return Array.from({ length: count }, () => world.node({ port: null }).id);
}

/** @returns a recording of each node, from before its start to its end. */
export async function recordWorld(
  seed: number,
  { count = 4, isMasked = false }: { count?: number; isMasked?: boolean } = {},
): Promise<readonly RecordedNode[]> {
  const world = createWorld({
    seed,
    crypto: 'fast',
    link: { jitterMs: 30, lossRate: 0.1, pieceBytes: 300 },
    connectionFaults: FAULTS,
  });
  const ids = idsOf(count);
  const writers: RecordingWriter[] = [];
  const sinks: MemorySink[] = [];
  const nodes = ids.map((id, index) => {
    const sink = new MemorySink();
    const writer = new RecordingWriter({
      sink: () => sink,
      clock: world.clock,
      mask: isMasked ? createMask(new Uint8Array(32).fill(seed), id) : NO_MASK,
      header: { ...someHeader, node: `node ${index}`, masked: isMasked },
    });
    sinks.push(sink);
    writers.push(writer);
    return world.node({
      inspect: new Lifecycle(writer).onEvent,
      protocols: [echo({ say: 'not for others to read' })],
      ...(index === 1 && { netRestrict: ['45.0.0.0/16', '10.0.0.0/8'] }),
      ...(index === 2 && { maxPeers: 1 }),
    });
  });
  world.hostNames.set('seed.example', nodes[0]!.host.address);
  await world.start(...nodes);
  for (const node of nodes)
    for (const other of nodes) {
      if (other === node) continue;
      const isNamed = other === nodes[0] && node === nodes[3];
      node.server.addPeer(
        isNamed ? other.enode.replace(other.host.address, 'seed.example') : other.enode,
      );
    }
  await world.run('1m');
  world.partition(nodes.slice(0, 2));
  await world.run('2m');
  world.heal();
  await world.run('1m');
  nodes[1]!.server.removePeer(nodes[0]!.enode).catch(() => {});
  await world.run('10s');
  await world.end();
  for (const writer of writers) await writer.close();
  return nodes.map(({ label, id, host }, index) => ({
    label,
    sink: sinks[index]!,
    secret: (index + 1).toString(16).padStart(64, '0'),
    id,
    address: host.address,
  }));
}
