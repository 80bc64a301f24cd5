/** Runs each of these scenes alone: it has its occurrence and no leaks. */
import { afterEach, beforeEach, vi } from 'vitest';

import { brokenEndings, ourEndings, theirEndings } from '../../src/demo/scenes-peer.ts';
import { testScenes } from '../support/scene-table.ts';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

testScenes(ourEndings);
testScenes(theirEndings);
testScenes(brokenEndings);
