/** What those who look at a server are given of it. */

import type { Inspection } from '../actors/inspection.ts';
import type { ConnectionStats } from '../api/endings.ts';
import type { Clock } from '../io/process/clock.ts';
import type { Server } from '../server.ts';

export type Observation = {
  readonly server: Server;
  readonly inspection: Inspection;
  /** That of the server. */
  readonly clock: Clock;
  /** What came of a peer up to now, by connection. */
  readonly effortOf: (connectionId: string) => ConnectionStats;
  /** Who holds which slot of the listener: connections by slot. */
  readonly holders: () => ReadonlyMap<number, string>;
  /** Hears of mistakes of ours, and where they were made. */
  readonly onFault: (error: unknown, where: string) => void;
};
