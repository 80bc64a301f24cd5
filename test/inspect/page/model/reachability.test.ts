import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { statePath } from '../../../../src/actors/state-path.ts';
import type { MapperRow } from '../../../../src/inspect/discovery-protocol.ts';
import { reachabilityOf } from '../../../../src/inspect/page/model/reachability.ts';
import { rowOf } from '../../../../src/inspect/recorder/projection.ts';
import { portMapperMachine } from '../../../../src/machines/discovery/port-mapper.ts';
import {
  bound,
  FOUND,
  mapDone,
  mapFailed,
  runPortMapper,
  runPortMapperToMapped,
} from '../../../support/port-mapper-run.ts';

function linesOf(run: ReturnType<typeof runPortMapper>) {
  const snapshot = run.actor.getSnapshot();
  const row = rowOf(portMapperMachine, snapshot) as MapperRow;
  return reachabilityOf(row, statePath(snapshot.value)).map(({ name, value, note }) => [
    ...[name, value, note],
  ]);
}

test('while a router is searched for there is nothing else', () => {
  const run = runPortMapper();
  expect(linesOf(run)).toEqual([['Router', 'none', 'a router is searched for']]);
  run.gateway.report({ type: 'gateway.notFound', message: 'silence' });
  expect(linesOf(run)).toEqual([['Router', 'none', 'the next search is in 5 min: silence']]);
});

test('a router has its address and both ports, with what is so', () => {
  const run = runPortMapperToMapped('tcp');
  run.gateway.report(mapDone('tcp', 40_303));
  run.send(bound('udp'));
  expect(linesOf(run)).toEqual([
    ['Router', 'UPnP (IGDv1) at 192.168.1.1', ''],
    ['External address', '198.51.100.7', 'our record claims it, unless the operator gave one'],
    ['TCP port', '40303 → 30303', 'the router leads there; renewed every 8 min'],
    ['UDP port', '30303', 'the router is asked to map it'],
  ]);
  run.clock.advance(480_000);
  run.gateway.report(mapFailed('tcp', 'no room'));
  const [router, , tcp] = linesOf(run);
  expect(router).toEqual(['Router', 'UPnP (IGDv1) at 192.168.1.1', 'no room']);
  expect(tcp).toEqual([
    ...['TCP port', '40303 → 30303', 'it was not renewed, 1 of 6 times; tried again in 5 min'],
  ]);
});

test('a mechanism without a router has a name alone', () => {
  const run = runPortMapper();
  run.gateway.report({ ...FOUND, type: 'gateway.found', name: 'STUN', host: null });
  expect(linesOf(run)).toEqual([
    ['Router', 'STUN', ''],
    ['External address', 'none', 'it is asked for'],
    ['TCP port', 'none', 'nothing listens'],
    ['UDP port', 'none', 'nothing listens'],
  ]);
});

test('every state of the chart has its words', () => {
  const leavesOf = (path: string): readonly string[] => {
    const machine: AnyStateMachine = portMapperMachine;
    let node = machine.root;
    for (const part of path.split('.')) node = node.states[part]!;
    return Object.keys(node.states);
  };
  const row: MapperRow = {
    ...{ mechanism: 'any', gateway: '', external: '', fault: '' },
    mappings: [{ protocol: 'tcp', port: 1, externalPort: 0, failures: 0 }],
  };
  for (const region of ['address', 'tcp'])
    for (const leaf of leavesOf(`serving.${region}`)) {
      const state = `serving.${region}.${leaf}`;
      const place = region === 'address' ? 1 : 2;
      expect(reachabilityOf(row, state)[place]!.note, state).not.toBe('');
    }
  for (const phase of ['searching', 'noGateway', 'closing', 'closed'])
    expect(reachabilityOf(row, phase)[0]!.note, phase).not.toBe('');
});
