/** A scene for every way in which a dial comes to nothing. */
import type { DialerEvent } from '../io/adapters/tcp-dialer.ts';
import {
  CONNECT_TIMEOUT_MS,
  type DialFailure,
  HOST_LOOKUP_TIMEOUT_MS,
} from '../machines/dialing/dial-task.ts';
import type { World } from '../testing/world/world.ts';
import { enodeAt, type RemoteNode } from './remote-nodes.ts';
import type { Scene } from './scene.ts';
import type { Script, Stage } from './stage.ts';

/** Nobody has it, and nobody says so. */
const SILENT_ADDRESS = '80.0.0.1';

/** Routers know no way there. */
const UNREACHABLE_ADDRESS = '80.0.0.2';

/** Leads to an address that is none of our business, as rebound names do. */
const REBOUND_NAME = 'rebound.example';

/** What a dial needs, in ms, beyond the time it waits in vain. */
const SLACK_MS = 500;

/** Has to be done once, in the world of these scenes. */
export function prepareDials({ internet, hostNames }: Pick<World, 'internet' | 'hostNames'>): void {
  internet.setUnreachable(UNREACHABLE_ADDRESS);
  hostNames.set(REBOUND_NAME, '169.254.169.254');
}

/** Dials a stranger who is not there, at most for so long. */
const dialling =
  (
    waitMs: number,
    where: (stranger: RemoteNode) => string = ({ enode }) => enode,
    before: (stage: Stage, stranger: RemoteNode) => unknown = () => {},
  ): Script =>
  (stage) =>
    stage.withStranger(async (stranger) => {
      before(stage, stranger);
      stage.server.addPeer(where(stranger));
      await stage.wait(waitMs + SLACK_MS);
    });

const named =
  (name: string) =>
  (stranger: RemoteNode): string =>
    enodeAt(stranger, name, 'name');

const at =
  (address: string) =>
  (stranger: RemoteNode): string =>
    enodeAt(stranger, address);

/** A dial that ends in what no remote can cause. */
const systemSaying = (said: DialerEvent): Script =>
  dialling(0, undefined, ({ observed }, { host }) =>
    observed.mishaps.dials.set(host.address, said),
  );

/** The dial waits for an answer when the same node calls, and is let in. */
const meetingOnTheWay: Script = (stage) =>
  stage.withGuest('inbound', async (guest) => {
    const { key, enode } = guest.stranger;
    stage.server.addPeer(enodeAt({ key }, SILENT_ADDRESS));
    stage.server.addTrustedPeer(enode);
    try {
      await stage.join(guest);
      guest.wire.sendDisconnect('clientQuitting', 'compressed');
    } finally {
      stage.distrust(enode);
    }
  });

export const dials = {
  noTcpPort: {
    play: dialling(0, undefined, ({ observed }, { key }) =>
      observed.mishaps.records.set(key.id, { tcpPort: 0 }),
    ),
  },
  nodeNotFound: {
    play: dialling(0, undefined, ({ observed }, { key }) =>
      observed.mishaps.records.set(key.id, { host: '', hostKind: 'none' }),
    ),
  },
  hostNotFound: { play: dialling(0, named('nobody.example')) },
  hostLookupTimeout: { play: dialling(HOST_LOOKUP_TIMEOUT_MS, named('silent.example')) },
  notInNetRestrict: { play: dialling(0, named(REBOUND_NAME)) },
  connectionRefused: { play: dialling(0) },
  unreachable: { play: dialling(0, at(UNREACHABLE_ADDRESS)) },
  connectTimeout: { play: dialling(CONNECT_TIMEOUT_MS, at(SILENT_ADDRESS)) },
  connectFailed: {
    play: systemSaying({ type: 'connect.failed', detail: 'EMFILE: too many open files' }),
  },
  lostAtOnce: { play: systemSaying({ type: 'connect.lost', detail: 'read ECONNRESET' }) },
  setupFailed: { play: (stage) => stage.withGuest('dialled', ({ wire }) => wire.close()) },
  setupTimeout: {
    play: (stage) =>
      stage.withGuest(
        'dialled',
        () => {},
        {},
        ({ host }) => stage.observed.mishaps.withoutDeadline.add(host.address),
      ),
  },
  alreadyConnected: { play: meetingOnTheWay },
  cancelled: {
    play: (stage) =>
      stage.withStranger(async (stranger) => {
        stage.server.addPeer(enodeAt(stranger, SILENT_ADDRESS));
        await stage.wait(2_000); // and then it is not wanted any more
      }),
  },
} satisfies Partial<Record<DialFailure, Scene>>;
