/** A local node whose key and store the test drives. Records are signed at once, unless the key is told to be silent. */
import type { NodeRecord } from '../../src/io/crypto/node-record.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import {
  type EndpointStatement,
  type LocalNodeInput,
  localNodeMachine,
} from '../../src/machines/discovery/local-node.ts';
import { fakeNodeStore, fakeSigner } from '../../src/testing/machine/fake-adapters.ts';
import { runChild } from './run-machine.ts';

export const NEXT_SEQ = 1_700_000_000_000;
export const OUTSIDE: Endpoint = { host: '203.0.113.9', port: 30_303 };
export const ELSEWHERE: Endpoint = { host: '203.0.113.77', port: 30_303 };
export const OUTSIDE_V6: Endpoint = { host: '2001:db8::9', port: 30_304 };

export const localNodeInput = (overrides: Partial<LocalNodeInput> = {}): LocalNodeInput => ({
  externalHosts: { ipv4: null, ipv6: null },
  fallbackHosts: { ipv4: '127.0.0.1', ipv6: null },
  ...overrides,
});

/** No chart reads more of a record than its number; the inspector shows its bytes. */
export const signedRecord = (seq: number) =>
  ({ seq, bytes: Uint8Array.of(seq & 255) as Uint8Array }) as NodeRecord;

/** One that was signed before, and says what is claimed. */
export const KEPT = signedRecord(NEXT_SEQ - 5);

export const stated = (
  voter: string,
  endpoint = OUTSIDE,
  at = 0,
): { readonly type: 'endpoint.stated' } & EndpointStatement => ({
  type: 'endpoint.stated',
  family: endpoint.host.includes(':') ? 'ipv6' : 'ipv4',
  ...{ voter, endpoint, at },
});

export type KeyManner = 'signs' | 'keeps' | 'fails' | 'silent';

export function runLocalNode(overrides?: Partial<LocalNodeInput>) {
  let manner: KeyManner = 'signs';
  const key: ReturnType<typeof fakeSigner> = fakeSigner(({ seq }) => {
    if (manner === 'signs') key.report({ type: 'record.signed', record: signedRecord(seq) });
    if (manner === 'keeps') key.report({ type: 'record.kept', record: KEPT });
    if (manner === 'fails') key.report({ type: 'record.failed', message: 'no' });
  });
  const store = fakeNodeStore();
  const machine = localNodeMachine.provide({
    actors: { signer: key.logic, nodeStore: store.logic },
  });
  const run = runChild(machine, localNodeInput(overrides));
  return {
    ...run,
    key,
    store,
    setManner: (next: KeyManner): void => {
      manner = next;
    },
    /** States of the regions of `serving`. */
    regions: () => {
      const { value } = run.actor.getSnapshot();
      return (value as { open: { serving: Readonly<Record<string, string>> } }).open.serving;
    },
    /** The record of now, as the server reads it. */
    record: () => {
      run.send({ type: 'record.wanted' });
      return run.actor.getSnapshot().context.record;
    },
    /** What the latest record claims. */
    claims: () => key.commands.at(-1)?.claims,
    /** So many different networks state it. */
    vote: (count: number, endpoint = OUTSIDE, from = 0): void => {
      for (let index = 0; index < count; index += 1)
        run.send(stated(`voter ${from + index}`, endpoint, run.clock.now()));
    },
  };
}

/** One that is ready, with a port for connections. */
export function runLocalNodeToServing(overrides?: Partial<LocalNodeInput>) {
  const run = runLocalNode(overrides);
  run.key.report({ type: 'key.ready' });
  run.store.report({ type: 'store.opened', nextSeq: NEXT_SEQ });
  run.send({ type: 'tcp.bound', port: 30_303 });
  return run;
}
