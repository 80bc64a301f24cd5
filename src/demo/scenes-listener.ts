/** A scene for every reason to turn a caller away, and for a listener address that is lost and bound again. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import { REBIND_DELAYS_MS } from '../machines/listening/listener.ts';
import { DEFAULT_PORT } from '../testing/world/world-node.ts';
import type { CoveredOccurrence } from './coverage.ts';
import type { Scene } from './scene.ts';
import type { SceneContext, SceneScript } from './scene-context.ts';
import { allSlotsTaken } from './scenes-setup.ts';

/** Outside NetRestrict. */
const OUTSIDE_ADDRESS = '190.0.2.1';

/** Time to bind the address again, in ms. */
const MARGIN_MS = 1_000;

const endpointOf = ({ demoNode }: SceneContext): Endpoint => ({
  host: demoNode.node.host.address,
  port: DEFAULT_PORT,
});

const failAccept = (context: SceneContext, temporary: boolean): void =>
  context.world.tcp.report(endpointOf(context), {
    type: 'accept.failed',
    temporary,
    message: temporary ? 'EMFILE: too many open files' : 'EIO',
  });

/** Two connections from one address; the second is throttled. */
const connectingTwice: SceneScript = (context) =>
  context.withConnection('inbound', async ({ remote: { host }, peer }) => {
    await context.withConnection('inbound', () => {}, { address: host.address });
    peer.close();
  });

const losingListener = (context: SceneContext): Promise<void> => {
  failAccept(context, false);
  return context.wait(REBIND_DELAYS_MS.after1s + MARGIN_MS);
};

/** Another listener has the address at the first attempt to bind it again. */
const losingListenerTwice: SceneScript = async (context) => {
  failAccept(context, false);
  const stopListening = context.world.tcp.listen(
    context.demoNode.node.host,
    DEFAULT_PORT,
    (stream) => stream.destroy(),
  );
  try {
    await context.wait(REBIND_DELAYS_MS.after1s + MARGIN_MS);
  } finally {
    stopListening();
  }
  await context.wait(REBIND_DELAYS_MS.after2s);
};

export const listenerScenes = {
  'turnedAway.netRestrict': {
    run: (context) => context.withConnection('inbound', () => {}, { address: OUTSIDE_ADDRESS }),
  },
  'turnedAway.throttled': { run: connectingTwice },
  'turnedAway.noSlot': allSlotsTaken,
  'turnedAway.notAccepting': {
    run: (context) => {
      failAccept(context, true);
      return context.withConnection('inbound', ({ peer }) => peer.close());
    },
  },
  'listener.lost': { run: losingListenerTwice, exclusiveMs: 4_000 },
  'listener.restored': { run: losingListener, exclusiveMs: 2_000 },
} satisfies Partial<
  Record<Extract<CoveredOccurrence, `turnedAway.${string}` | `listener.${string}`>, Scene>
>;
