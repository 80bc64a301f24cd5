/** A scene for everybody who is turned away without a byte, and for an address that is lost and comes back. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import { REBIND_DELAYS_MS } from '../machines/listening/listener.ts';
import { DEFAULT_PORT } from '../testing/world/world-node.ts';
import type { Shown } from './coverage.ts';
import type { Scene } from './scene.ts';
import { full } from './scenes-setup.ts';
import type { Script, Stage } from './stage.ts';

/** Outside of every network that the node deals with. */
const OUTSIDE_ADDRESS = '190.0.2.1';

/** For the address to be bound again, and for callers to come back, in ms. */
const SLACK_MS = 1_000;

const placeOf = ({ observed }: Stage): Endpoint => ({
  host: observed.node.host.address,
  port: DEFAULT_PORT,
});

const failing = (stage: Stage, temporary: boolean): void =>
  stage.world.tcp.report(placeOf(stage), {
    type: 'accept.failed',
    temporary,
    message: temporary ? 'EMFILE: too many open files' : 'EIO',
  });

/** Two calls from one address: the second one comes too soon. */
const callingTwice: Script = (stage) =>
  stage.withGuest('inbound', async ({ stranger: { host }, wire }) => {
    await stage.withGuest('inbound', () => {}, { address: host.address });
    wire.close();
  });

const losing = (stage: Stage): Promise<void> => {
  failing(stage, false);
  return stage.wait(REBIND_DELAYS_MS.after1s + SLACK_MS);
};

/** Somebody else has the address when it is to be bound again. */
const losingTwice: Script = async (stage) => {
  failing(stage, false);
  const leave = stage.world.tcp.listen(stage.observed.node.host, DEFAULT_PORT, (stream) =>
    stream.destroy(),
  );
  try {
    await stage.wait(REBIND_DELAYS_MS.after1s + SLACK_MS);
  } finally {
    leave();
  }
  await stage.wait(REBIND_DELAYS_MS.after2s);
};

export const listenerScenes = {
  'turnedAway.netRestrict': {
    play: (stage) => stage.withGuest('inbound', () => {}, { address: OUTSIDE_ADDRESS }),
  },
  'turnedAway.throttled': { play: callingTwice },
  'turnedAway.noSlot': full,
  'turnedAway.notAccepting': {
    play: (stage) => {
      failing(stage, true);
      return stage.withGuest('inbound', ({ wire }) => wire.close());
    },
  },
  'listener.lost': { play: losingTwice, aloneMs: 4_000 },
  'listener.restored': { play: losing, aloneMs: 2_000 },
} satisfies Partial<Record<Extract<Shown, `turnedAway.${string}` | `listener.${string}`>, Scene>>;
