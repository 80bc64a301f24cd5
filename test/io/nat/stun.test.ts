import { expect, test } from 'vitest';
import { findStun, STUN_LIMIT_MS, STUN_SERVERS } from '../../../src/io/nat/stun.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import { fakeStun } from '../../support/fake-stun.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';

const AT = '93.184.216.34';
const lookUp = async (name: string): Promise<readonly string[]> => [name];

async function stun(servers: readonly Endpoint[], resolve = lookUp) {
  const { clock, surroundings } = natSurroundings();
  const gateway = await findStun({ servers, lookUp: resolve }, surroundings)(NEVER);
  return { clock, gateway };
}

test('a server says at which address it sees us, and maps no ports', async () => {
  const server = await fakeStun(() => AT);
  const { gateway } = await stun([server.address]);
  expect(gateway).toMatchObject({ name: 'STUN', host: null, mapsPorts: false });
  expect(await gateway.externalHost(NEVER)).toBe(AT);
  const wish = { protocol: 'tcp', host: '0.0.0.0', port: 1, externalPort: 1 } as const;
  await expect(gateway.map({ ...wish, lifetimeMs: 1 }, NEVER)).rejects.toThrow('maps no ports');
  await expect(gateway.unmap(wish, NEVER)).rejects.toThrow('maps no ports');
});

test('the name of a server is looked up', async () => {
  const server = await fakeStun(() => AT);
  const names: string[] = [];
  const { gateway } = await stun(
    [{ host: 'stun.example', port: server.address.port }],
    async (name) => {
      names.push(name);
      return [server.address.host];
    },
  );
  expect([await gateway.externalHost(NEVER), names]).toEqual([AT, ['stun.example']]);
});

test('three servers are asked, each for 3 s', async () => {
  const silent = await Promise.all(
    [1, 2, 3, 4].map(() =>
      fakeStun(
        () => AT,
        () => [],
      ),
    ),
  );
  const { clock, gateway } = await stun(silent.map(({ address }) => address));
  const asked = () => silent.filter(({ received }) => received.length > 0);
  const answer = gateway.externalHost(NEVER).catch((error: Error) => error.message);
  for (const count of [1, 2, 3]) {
    await expect.poll(() => asked().length).toBe(count);
    clock.advance(STUN_LIMIT_MS);
  }
  expect(await answer).toBe('127.0.0.1: no answer within 3 s');
  expect(asked()).toHaveLength(3);
});

test('after a server that is silent, the next one is asked', async () => {
  const silent = await fakeStun(
    () => AT,
    () => [],
  );
  const good = await fakeStun(() => AT);
  const missing = { host: 'stun.example', port: 1 };
  const { clock, gateway } = await stun([missing, silent.address, good.address], async (name) =>
    name === 'stun.example' ? [] : [name],
  );
  const answer = gateway.externalHost(NEVER);
  // which of the three is the first is drawn
  await expect.poll(() => silent.received.length + good.received.length).toBeGreaterThan(0);
  if (good.received.length === 0) clock.advance(STUN_LIMIT_MS);
  expect(await answer).toBe(AT);
});

test('no server, a name without an address and a cancelled question are errors', async () => {
  await expect((await stun([])).gateway.externalHost(NEVER)).rejects.toThrow(
    'no STUN server is known',
  );
  const nameless = await stun([{ host: 'stun.example', port: 1 }], async () => []);
  await expect(nameless.gateway.externalHost(NEVER)).rejects.toThrow(
    'stun.example: the name has no address',
  );
  const cancelled = await stun(STUN_SERVERS);
  await expect(cancelled.gateway.externalHost(AbortSignal.abort())).rejects.toThrow('cancelled');
});

test('an answer to another request is none', async () => {
  const server = await fakeStun(
    () => AT,
    (answer) => [answer.with(19, answer[19]! ^ 1), answer],
  );
  const { gateway } = await stun([server.address]);
  expect(await gateway.externalHost(NEVER)).toBe(AT);
});

test('every server of the list has a name and a port', () => {
  expect(new Set(STUN_SERVERS.map(({ host }) => host)).size).toBe(STUN_SERVERS.length);
  for (const { host, port } of STUN_SERVERS) expect([host, port > 0]).toEqual([host.trim(), true]);
});
