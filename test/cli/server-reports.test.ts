import { expect, test } from 'vitest';

import type { RunReport } from '../../src/cli/report.ts';
import { reportServer } from '../../src/cli/server-reports.ts';
import { DemoContext } from '../support/demo-context.ts';

test('each event of a server makes one report', async () => {
  const at = await new DemoContext().start();
  const reports: RunReport[] = [];
  reportServer(at.demoNode.node.server, (report) => reports.push(report));
  const visit = at.context.withConnection('dialled', async (connection) => {
    await at.context.becomePeer(connection);
    connection.peer.sendDisconnect('requested', 'compressed');
  });
  await at.world.complete(visit);
  await at.world.complete(
    at.context.withConnection('dialled', async ({ peer }) => {
      await at.context.wait(200);
      peer.close();
    }),
  );
  const place = { host: at.demoNode.node.host.address, port: 30_303 };
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
