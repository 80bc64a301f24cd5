/** A scene for every dial failure. */
import type { DialerEvent } from '../io/adapters/tcp-dialer.ts';
import type { DialFailure } from '../machines/dialing/dial-failures.ts';
import { CONNECT_TIMEOUT_MS, HOST_LOOKUP_TIMEOUT_MS } from '../machines/dialing/dial-task.ts';
import type { World } from '../testing/world/world.ts';
import { enodeAt, type RemoteNode } from './remote-nodes.ts';
import type { Scene } from './scene.ts';
import type { SceneContext, SceneScript } from './scene-context.ts';

/** An unused address, which does not answer. */
const SILENT_ADDRESS = '80.0.0.1';

/** An address without a route. */
const UNREACHABLE_ADDRESS = '80.0.0.2';

/** A host name that resolves to an address outside NetRestrict, as in DNS rebinding. */
const REBOUND_NAME = 'rebound.example';

/** Time of a dial beyond its timeout, in ms. */
const MARGIN_MS = 500;

/** Prepares the world for these scenes; call it once. */
export function prepareDials({ internet, hostNames }: Pick<World, 'internet' | 'hostNames'>): void {
  internet.setUnreachable(UNREACHABLE_ADDRESS);
  hostNames.set(REBOUND_NAME, '169.254.169.254');
}

/** The demo node dials an unreachable remote node for at most `waitMs`. */
const dialScene =
  (
    waitMs: number,
    where: (remote: RemoteNode) => string = ({ enode }) => enode,
    before: (context: SceneContext, remote: RemoteNode) => unknown = () => {},
  ): SceneScript =>
  (context) =>
    context.withRemoteNode(async (remote) => {
      before(context, remote);
      context.server.addPeer(where(remote));
      await context.wait(waitMs + MARGIN_MS);
    });

const withHostName =
  (name: string) =>
  (remote: RemoteNode): string =>
    enodeAt(remote, name, 'name');

const withAddress =
  (address: string) =>
  (remote: RemoteNode): string =>
    enodeAt(remote, address);

/** A dial whose result comes from the operating system. */
const systemReporting = (result: DialerEvent): SceneScript =>
  dialScene(0, undefined, ({ demoNode }, { host }) =>
    demoNode.faults.dials.set(host.address, result),
  );

/** While the dial waits, the same node connects and is accepted. */
const acceptedWhileDialling: SceneScript = (context) =>
  context.withConnection('inbound', async (connection) => {
    const { key, enode } = connection.remote;
    context.server.addPeer(enodeAt({ key }, SILENT_ADDRESS));
    context.server.addTrustedPeer(enode);
    try {
      await context.becomePeer(connection);
      connection.peer.sendDisconnect('clientQuitting', 'compressed');
    } finally {
      context.removeTrusted(enode);
    }
  });

export const dialScenes = {
  noTcpPort: {
    run: dialScene(0, undefined, ({ demoNode }, { key }) =>
      demoNode.faults.records.set(key.id, { tcpPort: 0 }),
    ),
  },
  nodeNotFound: {
    run: dialScene(0, undefined, ({ demoNode }, { key }) =>
      demoNode.faults.records.set(key.id, { host: '', hostKind: 'none' }),
    ),
  },
  hostNotFound: { run: dialScene(0, withHostName('unknown.example')) },
  hostLookupFailed: { run: dialScene(0, withHostName('unserved.example')) },
  hostLookupTimeout: { run: dialScene(HOST_LOOKUP_TIMEOUT_MS, withHostName('silent.example')) },
  notInNetRestrict: { run: dialScene(0, withHostName(REBOUND_NAME)) },
  connectionRefused: { run: dialScene(0) },
  unreachable: { run: dialScene(0, withAddress(UNREACHABLE_ADDRESS)) },
  connectTimeout: { run: dialScene(CONNECT_TIMEOUT_MS, withAddress(SILENT_ADDRESS)) },
  connectFailed: {
    run: systemReporting({ type: 'connect.failed', detail: 'EMFILE: too many open files' }),
  },
  lostAtOnce: { run: systemReporting({ type: 'connect.lost', detail: 'read ECONNRESET' }) },
  setupFailed: {
    run: (context) => context.withConnection('dialled', ({ peer }) => peer.close()),
  },
  setupTimeout: {
    run: (context) =>
      context.withConnection(
        'dialled',
        () => {},
        {},
        ({ host }) => context.demoNode.faults.withoutDeadline.add(host.address),
      ),
  },
  alreadyConnected: { run: acceptedWhileDialling },
  cancelled: {
    run: (context) =>
      context.withRemoteNode(async (remote) => {
        context.server.addPeer(enodeAt(remote, SILENT_ADDRESS));
        await context.wait(2_000); // then the static node is removed
      }),
  },
} satisfies Partial<Record<DialFailure, Scene>>;
