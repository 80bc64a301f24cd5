/** Runs each of these scenes alone: it has its occurrence and no leaks. */
import { afterEach, beforeEach, vi } from 'vitest';

import { dialScenes } from '../../src/demo/scenes-dial.ts';
import { testScenes } from '../support/scene-table.ts';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

testScenes(dialScenes);
