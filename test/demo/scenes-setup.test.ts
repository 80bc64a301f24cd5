/** Runs each of these scenes alone: it has its occurrence and no leaks. */
import { afterEach, beforeEach, vi } from 'vitest';

import { failures, refusals, rejections } from '../../src/demo/scenes-setup.ts';
import { testScenes } from '../support/scene-table.ts';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

testScenes(rejections);
testScenes(refusals);
testScenes(failures);
