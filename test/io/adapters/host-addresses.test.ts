import { expect, test } from 'vitest';

import { lookUpAddresses, lookUpAddressesBy } from '../../../src/io/adapters/host-addresses.ts';
import { NEVER } from '../../support/nat-surroundings.ts';

test('an address is its own answer', async () => {
  expect(await lookUpAddresses('192.0.2.1', NEVER)).toEqual(['192.0.2.1']);
});

test('a failed lookup says why, and a cancelled one is ended', async () => {
  let ended = 0;
  const failing = lookUpAddressesBy((_, onAnswer) => {
    onAnswer({ failure: 'notFound', detail: 'why' });
    return () => {};
  });
  await expect(failing('a', NEVER)).rejects.toThrow('why');
  const silent = lookUpAddressesBy(() => () => {
    ended += 1;
  });
  const cancelled = new AbortController();
  const answer = silent('a', cancelled.signal);
  cancelled.abort();
  await expect(answer).rejects.toThrow('cancelled');
  await expect(silent('a', cancelled.signal)).rejects.toThrow('cancelled');
  expect(ended).toBe(1);
});
