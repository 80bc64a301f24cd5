import { expect, test } from 'vitest';
import type { Service, ServiceFactory } from '../../src/node/node-options.ts';
import { Services } from '../../src/node/services.ts';
import { echo } from '../../src/protocols/echo.ts';

const context = { datadir: null, nodeId: 'ab', signal: new AbortController().signal };

async function made(...factories: readonly ServiceFactory[]): Promise<Services> {
  const services = new Services();
  for (const factory of factories) await services.make(factory, context, () => false);
  return services;
}

test('are found by what made them and by their key, by later services too', async () => {
  const first = async () => ({ key: 'first', value: 1, protocols: [echo()] });
  let seen = 0;
  const second: ServiceFactory = ({ service }) => {
    seen = service(first).value;
    return { key: 'second' };
  };
  const services = await made(first, second);
  expect(seen).toBe(1);
  expect(services.find('second')).toBe(services.at(1));
  expect(services.find(first)).toBe(services.at(0));
  expect(services.protocols.map(({ name }) => name)).toEqual(['echo']);
  expect(() => services.find('third')).toThrow('no running service has the key "third"');
  expect(() => services.find(() => ({ key: 'first' }))).toThrow('this factory');
  expect(() => services.at(2)).toThrow(RangeError);
});

test('what has no key, or that of another one, is no service', async () => {
  for (const wrong of [undefined, {}, { key: '' }, { key: 1 }])
    await expect(made(() => wrong as unknown as Service)).rejects.toThrow('"key" of a service');
  const twin = () => ({ key: 'twin' });
  await expect(made(twin, () => twin())).rejects.toMatchObject({ kind: 'duplicateService' });
});

test('one that is made too late does not count', async () => {
  const services = new Services();
  await services.make(
    () => ({ key: 'late' }),
    context,
    () => true,
  );
  expect(() => services.at(0)).toThrow(RangeError);
});
