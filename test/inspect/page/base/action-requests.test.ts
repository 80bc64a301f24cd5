/** Actions of a viewer, as requests to the server. */
import { describe, expect, test } from 'vitest';

import { act } from '../../../../src/inspect/page/base/action-requests.ts';
import type { Ask } from '../../../../src/inspect/page/base/server-access.ts';

const answering =
  (body: unknown, status = 200): Ask =>
  async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });

describe('an action', () => {
  test('is a request that no other site can send', async () => {
    const asked: unknown[] = [];
    const ask: Ask = async (url, init) => {
      asked.push([url, init]);
      return new Response('{"ok":true}');
    };
    expect(await act(ask, 'addPeer', { enode: 'enode://aa' })).toBeNull();
    expect(asked).toEqual([
      [
        'api/actions/addPeer',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"enode":"enode://aa"}',
        },
      ],
    ]);
  });

  test.for([
    [
      'the error of the server',
      { error: 'there is no such peer' },
      'Failed: there is no such peer',
    ],
    ['the start of a long error', { error: 'x'.repeat(900) }, `Failed: ${'x'.repeat(300)}`],
    ['the status without an error', 'oops', 'Failed: the server answered 409.'],
    ['the status of an empty answer', 'null', 'Failed: the server answered 409.'],
  ] as const)('that fails reports %s', async ([, body, words]) => {
    expect(await act(answering(body, 409), 'disconnect', { id: 'aa' })).toBe(words);
  });

  test('reports that the server cannot be reached', async () => {
    const ask: Ask = () => Promise.reject(new TypeError('fetch failed'));
    expect(await act(ask, 'disconnect', { id: 'aa' })).toBe('The server cannot be reached.');
  });
});
