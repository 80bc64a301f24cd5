import { expect, onTestFinished, test } from 'vitest';
import { inspect } from '../../src/inspect/inspector.ts';
import { Attachments } from '../../src/server/attachments.ts';
import type { Observation } from '../../src/server/observation.ts';
import { askAt } from '../inspect/web/page-server-fixture.ts';
import { World } from '../support/world.ts';

const isOpen = ({ address }: { readonly address: string }): Promise<boolean> =>
  askAt(Number(new URL(address).port), '/').then(
    () => true,
    () => false,
  );

function someServer() {
  const world = new World();
  onTestFinished(() => world.end());
  return { world, a: world.add(1) };
}

/** An attachment that counts how often it was closed. */
function someAttachment() {
  const attachment = {
    closed: 0,
    [Symbol.asyncDispose]: async () => {
      attachment.closed += 1;
    },
  };
  return attachment;
}

test('inspectors are closed when the server stops', async () => {
  const { world, a } = someServer();
  await world.start(a);
  const inspectors = [await inspect(a.server), await inspect(a.server)];
  expect(await Promise.all(inspectors.map(isOpen))).toEqual([true, true]);
  await world.stop(a);
  expect(await Promise.all(inspectors.map(isOpen))).toEqual([false, false]);
});

test('a server that was never started can be inspected, and its stop closes the inspector', async () => {
  const { a } = someServer();
  const inspector = await inspect(a.server);
  expect(await isOpen(inspector)).toBe(true);
  await a.server.stop();
  expect(await isOpen(inspector)).toBe(false);
});

test('what is attached before the start observes the start', async () => {
  const { world, a } = someServer();
  const states: unknown[] = [];
  await a.server.attach(({ server, inspection }) => {
    const end = inspection.watch({
      onEvent: ({ type }) => void (type === '@xstate.snapshot' && states.push(server.self.address)),
      onFound: () => {},
      onRootEnded: () => {},
    });
    return { [Symbol.asyncDispose]: async () => void end() };
  });
  await world.start(a);
  expect(states).toContain(null);
  expect(states).toContainEqual(a.server.self.address);
});

test('attaching returns what was opened, and passes on what opening throws', async () => {
  const { a } = someServer();
  const attachment = someAttachment();
  expect(await a.server.attach(() => attachment)).toBe(attachment);
  const failing = a.server.attach(() => Promise.reject(new Error('no such file')));
  await expect(failing).rejects.toThrow('no such file');
});

test('nothing can be attached to a stopped server', async () => {
  const { world, a } = someServer();
  await world.start(a);
  await world.stop(a);
  let opened = false;
  const attached = a.server.attach(() => {
    opened = true;
    return someAttachment();
  });
  await expect(attached).rejects.toMatchObject({ name: 'ServerError', code: 'stopped' });
  expect(opened).toBe(false);
});

test.for(['started', 'never started'] as const)(
  'an attachment that is still opening when a %s server stops is closed',
  async (which) => {
    const { world, a } = someServer();
    if (which === 'started') await world.start(a);
    const attachment = someAttachment();
    let finishOpening = (): void => {};
    const opening = new Promise<typeof attachment>((resolve) => {
      finishOpening = () => resolve(attachment);
    });
    const attached = a.server.attach(() => opening);
    await (which === 'started' ? world.stop(a) : a.server.stop());
    finishOpening();
    await expect(attached).rejects.toMatchObject({ code: 'stopped' });
    expect(attachment.closed).toBe(1);
  },
);

test('an attachment that says it is closed is forgotten, also while it is being opened', async () => {
  const { a } = someServer();
  const [late, early] = [someAttachment(), someAttachment()];
  let onClosed = (): void => {};
  await a.server.attach((observation) => {
    ({ onClosed } = observation);
    return late;
  });
  onClosed();
  await a.server.attach((observation) => {
    observation.onClosed();
    return early;
  });
  await a.server.stop();
  expect([late.closed, early.closed]).toEqual([0, 0]);
});

test('an attachment is closed once, however often the server is stopped', async () => {
  const { world, a } = someServer();
  await world.start(a);
  const attachment = someAttachment();
  await a.server.attach(() => attachment);
  await world.stop(a);
  await a.server.stop();
  expect(attachment.closed).toBe(1);
});

test('an attachment that fails to close is reported, and the others are closed', async () => {
  const faults: string[] = [];
  const attachments = new Attachments({
    server: { actor: { getSnapshot: () => ({ status: 'active' }) } },
    onFault: (error: unknown, where: string) => faults.push(`${where}: ${error}`),
  } as unknown as Observation);
  const good = someAttachment();
  const failing = { [Symbol.asyncDispose]: () => Promise.reject(new Error('no')) };
  await attachments.attach(() => failing);
  await attachments.attach(() => good);
  await attachments.close();
  expect(good.closed).toBe(1);
  expect(faults).toEqual(['closing an attachment: Error: no']);
});
