/** Every scene, by its occurrence. A test requires a scene for every ending. */
import type { Scene } from './scene.ts';
import { dialScenes } from './scenes-dial.ts';
import { listenerScenes } from './scenes-listener.ts';
import { brokenEndings, ourEndings, theirEndings } from './scenes-peer.ts';
import { failures, refusals, rejections } from './scenes-setup.ts';

const ALL = {
  ...rejections,
  ...refusals,
  ...failures,
  ...dialScenes,
  ...ourEndings,
  ...theirEndings,
  ...brokenEndings,
  ...listenerScenes,
};

export type SceneName = keyof typeof ALL;

export const SCENES: Readonly<Record<SceneName, Scene>> = ALL;

export const COVERED = Object.keys(SCENES) as readonly SceneName[];

/** The scenes of the first minute, in order: quick ones of each kind. */
export const OPENING_SCENES: readonly SceneName[] = [
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
