/** Each of these scenes, alone with the node: it shows what it is to show, and leaves nothing. */
import { afterEach, beforeEach, vi } from 'vitest';

import { listenerScenes } from '../../src/demo/scenes-listener.ts';
import { playEach } from '../support/scene-table.ts';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

playEach(listenerScenes);
