import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';

import { readBody } from '../../src/web/request-body.ts';

test('a body within the limit is read completely, in any number of chunks', async () => {
  const incoming = new PassThrough();
  const body = readBody(incoming, 4);
  for (const piece of ['ab', 'c', 'd']) incoming.write(piece);
  incoming.end();
  expect(String(await body)).toBe('abcd');
});

test('an empty body is empty', async () => {
  const incoming = new PassThrough();
  incoming.end();
  expect(String(await readBody(incoming, 4))).toBe('');
});

test('of a longer body no more is read', async () => {
  const incoming = new PassThrough();
  const body = readBody(incoming, 4);
  incoming.write('abc');
  incoming.write('de');
  expect(await body).toBeNull();
  expect(incoming.isPaused()).toBe(true);
  incoming.destroy();
});

test('a body that is cut off is an error', async () => {
  const incoming = new PassThrough();
  const body = readBody(incoming, 4);
  incoming.write('abc');
  incoming.destroy();
  await expect(body).rejects.toThrow('the body was cut off');
});

test('a failing request gives its error', async () => {
  const incoming = new PassThrough();
  const body = readBody(incoming, 4);
  incoming.destroy(new Error('reset'));
  await expect(body).rejects.toThrow('reset');
});
