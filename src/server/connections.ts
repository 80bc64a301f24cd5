/** Everything of which there are many: connections in setup, dials and peers. Hands sockets from one to the next. */

import { Traffic } from '../io/link/traffic.ts';
import { Budget, type Budgets } from '../io/process/budget.ts';
import type { ServerConfig } from './config.ts';
import { Setups, type SetupsHooks } from './connection-setups.ts';
import { Dials, type DialsHooks } from './dial-tasks.ts';
import { Peers, type PeersHooks } from './peers.ts';

export type CrowdHooks = Omit<DialsHooks, 'setups'> &
  Omit<SetupsHooks, 'traffic' | 'budgets' | 'onAdmitted'> &
  PeersHooks;

export class Crowd {
  readonly traffic = new Traffic();
  readonly budgets: Budgets;
  readonly setups: Setups;
  readonly dials: Dials;
  readonly peers: Peers;

  constructor(config: ServerConfig, hooks: CrowdHooks) {
    this.budgets = {
      received: new Budget(config.receiveBudgetBytes),
      unsent: new Budget(config.sendBudgetBytes),
    };
    this.peers = new Peers(config, hooks);
    this.setups = new Setups(config, {
      ...hooks,
      traffic: this.traffic,
      budgets: this.budgets,
      onAdmitted: (connection, result) => this.peers.start(connection, result),
    });
    this.dials = new Dials(config, { ...hooks, setups: this.setups });
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
