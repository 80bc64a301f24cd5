import { describe, expect, test } from 'vitest';

import { publishedEvent, runPublisher } from '../../src/cli/run-publisher.ts';
import { turns } from '../support/turn.ts';
import { begin } from './begin-run.ts';

const options = { node: 'ab', wallTime: () => '2026-01-01T00:00:00.000Z', say: () => {} };

describe('run --publish', () => {
  test('the link of the inspector, paths and messages of peers stay here', () => {
    const started = {
      ...({ type: 'started', id: 'ab', enode: 'enode://ab', enr: null, listening: null } as const),
      ...{ inspect: 'http://127.0.0.1:1/#secret', ipc: '/home/peer/peerchart.ipc' },
    };
    expect(publishedEvent(started)).toEqual({
      ...{ type: 'started', id: 'ab', enode: 'enode://ab', enr: null, listening: null },
    });
    expect(publishedEvent({ type: 'inspect.link', link: 'http://127.0.0.1:1/#secret' })).toBeNull();
    expect(publishedEvent({ type: 'message', peer: 'ab', kind: 'said', text: 'hi' })).toBeNull();
    expect(publishedEvent({ type: 'stopping' })).toEqual({ type: 'stopping' });
  });

  test('a wrong URL is an error', async () => {
    await expect(runPublisher({ ...options, url: 'http://127.0.0.1' })).rejects.toThrow('nats://');
  });

  test('a node runs and stops as without it while the server is not there, and says what was not published', async () => {
    const { terminal, code } = begin({ publish: 'nats://127.0.0.1:1' });
    await terminal.line((line) => line.includes('"started"'));
    await turns();
    terminal.stop();
    expect(await code).toBe(0);
    expect(terminal.errors).toContain('events: 0 were published, 3 were not');
  });
});
