import { describe, expect, test } from 'vitest';
import { ServerError } from '../../src/api/server-error.ts';
import { argumentErrorLine, CommandError, errorLine, isUserError } from '../../src/cli/error.ts';
import { ResultsError } from '../../src/crawl/result-table.ts';
import { NatsError } from '../../src/jetstream/jetstream.ts';
import { KeyFileError } from '../../src/server/node-key-file.ts';

test.for([
  [new CommandError('no'), true],
  [new KeyFileError('missing', 'no'), true],
  [new ServerError('startFailed', 'no'), true],
  [new NatsError('no'), true],
  [new ResultsError('no'), true],
  [new TypeError('no'), false],
  [new Error('no'), false],
  ['no', false],
  [undefined, false],
] as const)('%s is for the user: %s', ([error, expected]) => {
  expect(isUserError(error)).toBe(expected);
});

describe('the line of an error', () => {
  test.for([
    ['start failed at listening: listen EADDRINUSE: address already in use 0.0.0.0:1', /--port\.$/],
    ['the metrics server: listen EADDRINUSE: address already in use', /--metrics-port\.$/],
    ['the inspector cannot listen on 127.0.0.1:1: listen EADDRINUSE', /another one, or 0\.$/],
    ['start failed at listening: listen EADDRNOTAVAIL: address not available', /--host\.$/],
    ['start failed at listening: listen EACCES: permission denied', /higher one\.$/],
    ['the file cannot be read', /^peerchart: the file cannot be read$/],
  ] as const)('%s', ([message, end]) => {
    expect(errorLine(new CommandError(message))).toMatch(end);
  });

  test('a wrong value is cut, and not shown twice', () => {
    const long = 'a'.repeat(200);
    const option = `error: option '--seed <number>' argument '${long}' is invalid. Expected a number.`;
    const line = `peerchart: expected a number, got "${'a'.repeat(60)}…" (--seed)\n`;
    expect(argumentErrorLine(option)).toBe(line);
    const argument = `error: command-argument value '${long}' is invalid for argument 'enode'. enode expected x, got "a".`;
    expect(argumentErrorLine(argument)).toBe('peerchart: enode expected x, got "a" (<enode>)\n');
    expect(argumentErrorLine('error: unknown option --x\n')).toBe(
      'peerchart: unknown option --x\n',
    );
  });
});
