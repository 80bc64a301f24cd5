import { expect, test } from 'vitest';

import type { RunReport } from '../../src/cli/report.ts';
import { reportServer } from '../../src/cli/server-reports.ts';
import { DemoStage } from '../support/demo-stage.ts';

test('each event of a server makes one report', async () => {
  const at = await new DemoStage().start();
  const reports: RunReport[] = [];
  reportServer(at.observed.node.server, (report) => reports.push(report));
  const visit = at.stage.withGuest('dialled', async (guest) => {
    await at.stage.join(guest);
    guest.wire.sendDisconnect('requested', 'compressed');
  });
  await at.world.complete(visit);
  await at.world.complete(
    at.stage.withGuest('dialled', async ({ wire }) => {
      await at.stage.wait(200);
      wire.close();
    }),
  );
  const place = { host: at.observed.node.host.address, port: 30_303 };
  at.world.tcp.report(place, { type: 'accept.failed', temporary: false, message: 'EIO' });
  await at.world.run('3s');
  expect(reports).toMatchObject([
    { type: 'peer.added', direction: 'static' },
    { type: 'peer.dropped', state: 'ending.refused.requested' },
    { type: 'connection.ended', state: 'failed.connectionClosed' },
    { type: 'dial.failed', state: 'setupFailed' },
    { type: 'part.lost', part: 'listener', retryInMs: 1_000 },
    { type: 'part.restored', part: 'listener', address: '45.0.0.1:30303' },
  ]);
  await at.end();
});
