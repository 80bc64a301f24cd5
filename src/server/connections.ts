/** Everything of which there are many: connections in setup, dials and peers. Hands sockets from one to the next. */

import { Traffic } from '../io/link/traffic.ts';
import { Budget, type Budgets } from '../io/process/budget.ts';
import type { ServerConfig } from './config.ts';
import { ConnectionSetups, type ConnectionSetupsHooks } from './connection-setups.ts';
import { DialTasks, type DialTasksHooks } from './dial-tasks.ts';
import { Peers, type PeersHooks } from './peers.ts';

export type ConnectionsHooks = Omit<DialTasksHooks, 'setups'> &
  Omit<ConnectionSetupsHooks, 'traffic' | 'budgets' | 'onAdmitted'> &
  PeersHooks;

export class Connections {
  readonly traffic = new Traffic();
  readonly budgets: Budgets;
  readonly setups: ConnectionSetups;
  readonly dials: DialTasks;
  readonly peers: Peers;

  constructor(config: ServerConfig, hooks: ConnectionsHooks) {
    this.budgets = {
      received: new Budget(config.receiveBudgetBytes),
      unsent: new Budget(config.sendBudgetBytes),
    };
    this.peers = new Peers(config, hooks);
    this.setups = new ConnectionSetups(config, {
      ...hooks,
      traffic: this.traffic,
      budgets: this.budgets,
      onAdmitted: (connection, result) => this.peers.start(connection, result),
    });
    this.dials = new DialTasks(config, { ...hooks, setups: this.setups });
  }

  /** Asks connections in setup and dials to end. */
  abort(): void {
    this.setups.abort();
    this.dials.abort();
  }

  /** Ends whatever is left, at once and without a word. */
  destroy(): void {
    this.dials.destroy();
    this.setups.destroy();
    this.peers.destroy();
  }
}
