import { expect, test } from 'vitest';

import {
  discv5Handshake,
  type HandshakeCommand,
  type HandshakeEvent,
} from '../../../src/io/adapters/discv5-handshake.ts';
import type { SessionReport, SessionTarget } from '../../../src/io/discovery/discv5-sessions.ts';
import { runAdapter } from '../../support/reports.ts';

const target: SessionTarget = {
  ...{ id: 'ab'.repeat(32), endpoint: { host: '192.0.2.1', port: 30303 } },
  ...{ role: 'initiator', number: 7 },
};

test('does the steps that are ordered, and reports what came of them', () => {
  const { adapter, steps, report } = stage();
  adapter.send({ type: 'contact' });
  adapter.send({ type: 'answer' });
  report({ type: 'handshake.sent' });
  expect(steps).toEqual(['open 7', 'contact', 'answer']);
  expect(adapter.reports.all).toEqual([{ type: 'handshake.sent' }]);
  adapter.stop();
});

test('forgets the session when it is stopped', () => {
  const { adapter, steps } = stage();
  adapter.stop();
  expect(steps).toEqual(['open 7', 'end']);
});

test('reports that the session is gone when there is none', () => {
  const logic = discv5Handshake(() => null);
  const { reports, stop } = runAdapter<HandshakeEvent, HandshakeCommand, SessionTarget>(
    logic,
    target,
  );
  expect(reports.all).toEqual([{ type: 'session.gone' }]);
  stop();
});

function stage() {
  const steps: string[] = [];
  let report = (_: SessionReport): void => {};
  const adapter = runAdapter<HandshakeEvent, HandshakeCommand, SessionTarget>(
    discv5Handshake(({ number }, onReport) => {
      steps.push(`open ${number}`);
      report = onReport;
      return { perform: (step) => steps.push(step), end: () => steps.push('end') };
    }),
    target,
  );
  return { adapter, steps, report: (event: SessionReport) => report(event) };
}
