import { describe, expect, test } from 'vitest';

import { plain } from '../../src/cli/human-line.ts';
import { PHASES, type PhaseReport, Phases } from '../../src/cli/phases.ts';
import type { Probe } from '../../src/cli/probe.ts';
import { type WhyReport, whyLines, whyReport } from '../../src/cli/why-report.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { StepClock } from '../support/step-clock.ts';
import { enodeOf } from '../support/world.ts';
import { ID, NASTY, someEnded, somePeer, TAMED } from './some-reports.ts';

const attempt = { node: parseNode(enodeOf(2)), timeout: 2, heard: 1, reached: null, eth: null };

const resultOf = (end: Probe['end'], surrender: Probe['gaveUp'] = null): Probe => ({
  end,
  phases: new Phases(new StepClock()),
  ms: 12,
  gaveUp: surrender,
});

describe('the report', () => {
  test('of a node that stayed connected contains its Hello, escaped', () => {
    const peer = { ...somePeer, client: NASTY };
    expect(whyReport(resultOf({ type: 'kept', peer, ms: 3_000 }), attempt)).toEqual({
      type: 'why',
      id: attempt.node.id,
      address: '192.0.2.1:30002',
      isPeer: true,
      phases: PHASES.map((phase) => ({ phase, result: 'notReached', ms: null })),
      state: 'peer',
      trail: [],
      client: TAMED,
      capabilities: ['eth/68', 'eth/69'],
      eth: null,
      explanation: {
        verdict: 'They are our peer, and stayed connected for 3 s.',
        remedy: expect.stringContaining('Status'),
        confidence: 'certain',
        evidence: [
          `their client: ${TAMED}`,
          'they offer: eth/68 eth/69',
          'shared: eth/69',
          'messages from their subprotocols: 1',
        ],
      },
      ms: 12,
    });
  });

  test('of a connection that ended has its explanation and its trail', () => {
    const { trail, state, explanation } = someEnded;
    const end = { type: 'ended', ...someEnded } as const;
    expect(whyReport(resultOf(end), attempt)).toMatchObject({
      isPeer: false,
      ...{ trail, state, explanation, client: null, capabilities: null },
    });
  });

  test('says that we gave up', () => {
    const end = { type: 'ended', ...someEnded } as const;
    const { verdict, evidence } = someEnded.explanation;
    expect(whyReport(resultOf(end, 'timeout'), attempt).explanation).toMatchObject({
      verdict,
      evidence: [...evidence, 'we gave up after 2 s'],
    });
    expect(whyReport(resultOf(end, 'interrupt'), attempt).explanation).toMatchObject({
      confidence: 'unknown',
      evidence,
    });
  });
});

test('people get the phases, the verdict and its evidence', () => {
  const phases: readonly PhaseReport[] = [
    { phase: 'dns', result: 'skipped', ms: null },
    { phase: 'tcp', result: 'passed', ms: 12 },
    { phase: 'capabilities', result: 'failed', ms: 3 },
    { phase: 'peer', result: 'notReached', ms: null },
  ];
  const report: WhyReport = {
    ...{ type: 'why', id: ID, address: '[::1]:1', isPeer: false, phases, state: 'rejected.self' },
    ...{ trail: [], client: null, capabilities: null, eth: null, ms: 15 },
    explanation: { verdict: 'Us.', remedy: 'Go.', confidence: 'likely', evidence: ['a', 'b'] },
  };
  expect(whyLines(report, plain).split('\n')).toEqual([
    '01234567 at [::1]:1',
    '  DNS           not needed',
    '  TCP           12 ms',
    '  capabilities  failed after 3 ms',
    '  as a peer     not reached',
    'Verdict (likely): Us. [rejected.self]',
    'Remedy: Go.',
    'Evidence:',
    '  - a',
    '  - b',
  ]);
});
