/** Makes a report of each event of a server. */
import { formatEndpoint } from '../io/wire/endpoint.ts';
import type { Server } from '../server.ts';
import {
  connectionEnded,
  dialFailed,
  peerAdded,
  peerDropped,
  type RunReport,
  staticHeldBack,
} from './report.ts';

/** Calls `show` for each event until the server ends. */
export function reportServer(server: Pick<Server, 'on'>, show: (report: RunReport) => void): void {
  server.on('add', ({ peer }) => show(peerAdded(peer)));
  server.on('drop', (drop) => show(peerDropped(drop)));
  server.on('ended', (connection) => show(connectionEnded(connection)));
  server.on('dialFailed', (dial) => show(dialFailed(dial)));
  server.on('heldBack', (heldBack) => show(staticHeldBack(heldBack)));
  server.on('lost', (lost) => show({ ...lost, type: 'part.lost' }));
  server.on('restored', ({ part, address }) =>
    show({ type: 'part.restored', part, address: formatEndpoint(address) }),
  );
}
