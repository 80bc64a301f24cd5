/** Connections in setup, dials and peers; hands an admitted connection from its setup to the peers. */
import type { LiveConnection } from '../api/live-connection.ts';
import { Traffic } from '../io/link/traffic.ts';
import { Budget, type Budgets } from '../io/process/budget.ts';
import type { ServerConfig } from './config.ts';
import { ConnectionSetups, type ConnectionSetupsHooks } from './connection-setups.ts';
import { DialTasks, type DialTasksHooks } from './dial-tasks.ts';
import { ExpectedHosts } from './expected-hosts.ts';
import { Peers, type PeersHooks } from './peers.ts';

export type ConnectionsHooks = Omit<DialTasksHooks, 'setups'> &
  Omit<ConnectionSetupsHooks, 'traffic' | 'budgets' | 'expectedHosts' | 'onAdmitted'> &
  PeersHooks;

export class Connections {
  readonly traffic = new Traffic();
  readonly budgets: Budgets;
  readonly expectedHosts: ExpectedHosts;
  readonly setups: ConnectionSetups;
  readonly dials: DialTasks;
  readonly peers: Peers;

  constructor(config: ServerConfig, hooks: ConnectionsHooks) {
    this.budgets = {
      received: new Budget(config.receiveBudgetBytes),
      unsent: new Budget(config.sendBudgetBytes),
    };
    this.expectedHosts = new ExpectedHosts({
      trusted: config.trustedNodes,
      static: config.staticNodes,
    });
    this.peers = new Peers(config, hooks);
    this.setups = new ConnectionSetups(config, {
      ...hooks,
      traffic: this.traffic,
      budgets: this.budgets,
      expectedHosts: this.expectedHosts,
      onAdmitted: (connection, result) => this.peers.start(connection, result),
    });
    this.dials = new DialTasks(config, { ...hooks, setups: this.setups });
  }

  /** Dials, then connections in setup, then peers; each kind in the order of their start. */
  get live(): readonly LiveConnection[] {
    return [...this.dials.live, ...this.setups.live, ...this.peers.live];
  }

  /** Asks every connection in setup and every dial to end. */
  abort(): void {
    this.setups.abort();
    this.dials.abort();
  }

  /** Ends everything that is left at once, without a Disconnect. */
  destroy(): void {
    this.dials.destroy();
    this.setups.destroy();
    this.peers.destroy();
  }
}
