/** What those who look at a server are given of it. */
import type { Clock } from '../io/actors/clock.ts';
import type { Inspection } from '../io/actors/inspection.ts';
import type { ServerConfig } from '../options.ts';
import type { Server } from '../server.ts';

export type Subject = {
  readonly server: Server;
  readonly inspection: Inspection;
  /** That of the server. */
  readonly clock: Clock;
  readonly limits: Pick<ServerConfig, 'maxPeers' | 'maxInbound' | 'maxDialed' | 'maxPendingPeers'>;
  /** Hears of mistakes of ours, and where they were made. */
  readonly onFault: (error: unknown, where: string) => void;
};
