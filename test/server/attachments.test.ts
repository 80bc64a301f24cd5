import { expect, onTestFinished, test } from 'vitest';
import { Inspection } from '../../src/actors/inspection.ts';
import { Attachments } from '../../src/server/attachments.ts';
import type { Observation } from '../../src/server/observation.ts';
import { askAt } from '../inspect/web/some-site.ts';
import { freePort } from '../support/loopback.ts';
import { StepClock } from '../support/step-clock.ts';
import { World } from '../support/world.ts';

const isOpen = ({ address }: { readonly address: string }): Promise<boolean> =>
  askAt(Number(new URL(address).port), '/').then(
    () => true,
    () => false,
  );

test('whoever looks on is closed when the server stops', async () => {
  const world = new World();
  onTestFinished(() => world.end());
  const a = world.add(1);
  await world.start(a);
  const inspectors = [await a.server.inspect(), await a.server.inspect()];
  expect(await Promise.all(inspectors.map(isOpen))).toEqual([true, true]);
  await world.stop(a);
  expect(await Promise.all(inspectors.map(isOpen))).toEqual([false, false]);
});

test('a server that was never started can be looked at, and lets everybody go as well', async () => {
  const world = new World();
  onTestFinished(() => world.end());
  const a = world.add(1);
  const inspector = await a.server.inspect();
  expect(await isOpen(inspector)).toBe(true);
  await a.server.stop();
  expect(await isOpen(inspector)).toBe(false);
});

test('a server that has stopped has nothing to show', async () => {
  const world = new World();
  onTestFinished(() => world.end());
  const a = world.add(1);
  await world.start(a);
  await world.stop(a);
  await expect(a.server.inspect()).rejects.toMatchObject({ code: 'stopped' });
});

test('one that stops in the meantime leaves nothing open', async () => {
  const life = { status: 'active', children: {} };
  const server = {
    actor: { getSnapshot: () => life, subscribe: () => ({ unsubscribe: () => {} }) },
    self: { id: '', enode: '' },
    on: () => () => {},
  };
  const inspection = new Inspection(() => {});
  const subject = { server, inspection, clock: new StepClock(), onFault: () => {} };
  const port = await freePort();
  const inspecting = new Attachments(subject as unknown as Observation).inspect({ port });
  life.status = 'done';
  await expect(inspecting).rejects.toMatchObject({ code: 'stopped' });
  expect(await isOpen({ address: `http://127.0.0.1:${port}` })).toBe(false);
});
