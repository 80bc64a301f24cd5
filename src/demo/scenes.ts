/** Every scene there is, by what it is to show. One that is missing does not compile. */
import type { Shown } from './coverage.ts';
import type { Scene } from './scene.ts';
import { dials } from './scenes-dial.ts';
import { listenerScenes } from './scenes-listener.ts';
import { brokenEndings, ourEndings, theirEndings } from './scenes-peer.ts';
import { failures, refusals, rejections } from './scenes-setup.ts';

export const SCENES: Readonly<Record<Shown, Scene>> = {
  ...rejections,
  ...refusals,
  ...failures,
  ...dials,
  ...ourEndings,
  ...theirEndings,
  ...brokenEndings,
  ...listenerScenes,
};

export const SHOWN = Object.keys(SCENES) as readonly Shown[];

/** What the first minute shows, in this order: quick, and of each kind. */
export const OPENING: readonly Shown[] = [
  'rejected.uselessPeer',
  'failed.handshakeSizeOutOfRange',
  'ending.refused.tooManyPeers',
  'refused.tooManyPeers',
  'connectionRefused',
  'ending.rejected.pingFlood',
  'rejected.unexpectedIdentity',
  'failed.undecryptable',
  'ending.refused.uselessPeer',
  'connectTimeout',
  'rejected.helloTimeout',
  'turnedAway.throttled',
  'ending.failed.connectionReset',
  'hostNotFound',
  'rejected.self',
  'ending.rejected.protocolFailed',
];
