import { expect, onTestFinished, test } from 'vitest';

import { CommandError } from '../../src/cli/error.ts';
import { exposureOf, openRunInspector } from '../../src/cli/run-inspector.ts';
import { phaseOf } from '../../src/machines/server/server-phase.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { World } from '../support/world.ts';

async function someServer() {
  const world = new World();
  onTestFinished(() => world.end());
  const { server } = world.add(1);
  await world.start({ server } as never);
  return server;
}

test('opening an inspector does not change the server', async () => {
  const server = await someServer();
  const inspector = await openRunInspector(server, {});
  expect(inspector.link).toContain(inspector.address);
  expect(phaseOf(server.actor.getSnapshot())).toBe('running');
});

test('a port in use is an error of the server', async () => {
  const server = await someServer();
  const { port } = await listenOnLoopback();
  const opened = openRunInspector(server, { port });
  await expect(opened).rejects.toMatchObject({ code: 'inspectFailed' });
});

test('wrong options are user errors', async () => {
  const server = await someServer();
  const opened = openRunInspector(server, { host: '0.0.0.0', actions: true });
  await expect(opened).rejects.toThrow(CommandError);
  await expect(opened).rejects.toThrow('the inspector: "actions" need a loopback "host"');
});

test('an address that others can reach gives a warning, and loopback gives none', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost']) expect(exposureOf({ host })).toBe('');
  expect(exposureOf({})).toBe('');
  expect(exposureOf({ host: '0.0.0.0' })).toMatch(
    /^The inspector listens on 0\.0\.0\.0: anyone .* sees your peers\. There is no TLS: .*\n$/,
  );
});
