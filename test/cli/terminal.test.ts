import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';

import { openTerminal } from '../../src/cli/terminal.ts';

function fakeHost(env: { NO_COLOR?: string; TERM?: string } = {}, isTTY = true) {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  return Object.assign(new EventEmitter(), {
    ...{ stdout, stderr: new PassThrough(), env },
    exits: [] as number[],
    exit(code: number) {
      this.exits.push(code);
    },
  });
}

describe('stopping', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)(
    '%s asks for it once, the next is left to the system',
    (signal) => {
      const host = fakeHost();
      const terminal = openTerminal(host);

      host.emit(signal);

      expect(terminal.signal.aborted).toBe(true);
      expect(host.listenerCount('SIGINT') + host.listenerCount('SIGTERM')).toBe(0);
    },
  );

  test('a closed stdout stops the command without a crash', () => {
    const host = fakeHost();
    const terminal = openTerminal(host);

    host.stdout.emit('error', new Error('write EPIPE'));
    host.stdout.emit('error', new Error('write EPIPE'));

    expect(terminal.signal.aborted).toBe(true);
  });

  test('a closed stderr does not stop the command', () => {
    const host = fakeHost();
    const terminal = openTerminal(host);

    host.stderr.emit('error', new Error('write EPIPE'));

    expect(terminal.signal.aborted).toBe(false);
  });
});

test('the process is ended at once with its exit code', () => {
  const host = fakeHost();
  openTerminal(host).end(3);
  expect(host.exits).toEqual([3]);
});

test.for([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR, which does not count', { NO_COLOR: '' }, true, true],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
] as const)('colours: %s', ([, env, isTty, hasColours]) => {
  expect(openTerminal(fakeHost(env, isTty)).hasColours).toBe(hasColours);
});
