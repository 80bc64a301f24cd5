/** Every scene, by what it shows. A test asks for the scene of an ending that has none. */
import type { Scene } from './scene.ts';
import { dials } from './scenes-dial.ts';
import { listenerScenes } from './scenes-listener.ts';
import { brokenEndings, ourEndings, theirEndings } from './scenes-peer.ts';
import { failures, refusals, rejections } from './scenes-setup.ts';

const ALL = {
  ...rejections,
  ...refusals,
  ...failures,
  ...dials,
  ...ourEndings,
  ...theirEndings,
  ...brokenEndings,
  ...listenerScenes,
};

export type SceneName = keyof typeof ALL;

export const SCENES: Readonly<Record<SceneName, Scene>> = ALL;

export const SHOWN = Object.keys(SCENES) as readonly SceneName[];

/** What the first minute shows, in this order: quick, and of each kind. */
export const OPENING: readonly SceneName[] = [
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
