/** A table-maintenance chart with a network and a store that the test drives, and the ways to its states. */
import type { Node } from '../../src/io/crypto/node.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import type { TableRules } from '../../src/machines/discovery/table.ts';
import {
  type LookupFindings,
  type TableMaintenanceInput,
  type TableMaintenanceReport,
  tableMaintenanceMachine,
} from '../../src/machines/discovery/table-maintenance.ts';
import { fakeNetwork, fakeStore } from '../../src/testing/machine/fake-adapters.ts';
import { runChild } from './run-machine.ts';
import { tableRules } from './table-nodes.ts';

export const OUR_KEY = 'ab'.repeat(64);
export const udpAddress: Endpoint = { host: '127.0.0.1', port: 40_404 };

export type TableOverrides = Partial<Omit<TableMaintenanceInput, 'rules'>> & {
  readonly rules?: Partial<TableRules>;
};

export const tableInput = ({ rules, ...rest }: TableOverrides = {}): TableMaintenanceInput => ({
  version: 'v4',
  rules: tableRules(rules),
  publicKey: OUR_KEY,
  bootnodes: [],
  seed: 1,
  ...rest,
});

/** What a lookup reports that found these nodes, returned by nodes with these ids. */
export const findings = (
  nodes: readonly Node[] = [],
  answered: readonly string[] = [],
  failed: readonly string[] = [],
): LookupFindings => ({ nodes, answered, failed });

export type TableRun = ReturnType<typeof runTable>;

export function runTable(overrides: TableOverrides = {}) {
  const network = fakeNetwork();
  const store = fakeStore();
  const machine = tableMaintenanceMachine.provide({
    actors: { network: network.logic, store: store.logic },
  });
  const run = runChild(machine, tableInput(overrides));
  const reports = () => run.reports as readonly TableMaintenanceReport[];
  const lookups = () =>
    reports().flatMap((report) => (report.type === 'lookup.wanted' ? [report] : []));
  return {
    ...run,
    network,
    store,
    lookups,
    table: () => run.actor.getSnapshot().context.table,
    /** Ids of the nodes whose check was asked for, in order. */
    checked: () =>
      network.commands.flatMap((command) => (command.type === 'check' ? [command.node.id] : [])),
    saved: () =>
      store.commands.flatMap((command) => (command.type === 'nodes.save' ? [command.nodes] : [])),
    /** Ends the lookup that was wanted last. */
    endLookup: (found: LookupFindings = findings()) =>
      run.send({ type: 'lookup.ended', lookupId: lookups().at(-1)!.lookupId, ...found }),
  };
}

/** In its first refresh, with these nodes from the store. */
export function servingTable(overrides: TableOverrides = {}, seeds: readonly Node[] = []) {
  const run = runTable(overrides);
  run.network.report({ type: 'network.bound', address: udpAddress });
  run.store.report({ type: 'seeds.found', nodes: seeds });
  return run;
}

/** After its first refresh, in which `answered` returned `nodes`. */
export function restingTable(overrides: TableOverrides = {}, nodes: readonly Node[] = []) {
  const run = servingTable(overrides);
  run.endLookup(findings(nodes, ['some node']));
  for (let left = 3; left > 0; left -= 1) run.endLookup();
  return run;
}
