import { expect, test } from 'vitest';
import type { FailedDial } from '../../src/api/endings.ts';
import { explain } from '../../src/explain/explain.ts';

const dial = (state: FailedDial['state'], rest: Partial<FailedDial> = {}) =>
  explain({
    type: 'dialFailed',
    target: { id: 'ab', publicKey: '', host: '198.51.100.7', hostKind: 'ipv4', tcpPort: 1 },
    address: { host: '198.51.100.7', port: 1 },
    state,
    detail: '',
    ...rest,
  });

test.for([
  ['connectTimeout', 20_000, /^They were our peer 20 s ago, .* does not answer now/],
  ['connectionRefused', 300_000, /^They were our peer 5 min ago, and nothing listens/],
] as const)('%s of a former peer says that it was one', ([state, sincePeerMs, verdict]) => {
  const explained = dial(state, { sincePeerMs });
  expect(explained.verdict).toMatch(verdict);
  expect(explained.confidence).toBe('likely');
  expect(explained.evidence.join()).toContain('it was our peer until');
  expect(dial(state).verdict).not.toMatch(/our peer/);
});

test('a connection that is cut at once is not throttled on the LAN', () => {
  const near = dial('lostAtOnce', { address: { host: '192.168.1.9', port: 1 } });
  expect(near.verdict + near.remedy).not.toMatch(/30 s|35 s/);
  const far = dial('lostAtOnce');
  expect(far.verdict + far.remedy).toMatch(/30 s.*35 s/);
});

test('a dial whose time ran out while this process stood still says so', () => {
  for (const state of ['connectTimeout', 'hostLookupTimeout'] as const) {
    const explained = dial(state, { ourPause: { ms: 16_400, agoMs: 2 } });
    expect(explained.verdict).toMatch(/^Our own process stood still for at least 16 s/);
    expect(explained.evidence).toContain(
      'our process stood still for 16400 ms or more, until 2 ms before',
    );
  }
});

test('a name is said to have no address only when a name server said so', () => {
  expect(dial('hostNotFound')).toMatchObject({ verdict: 'The name has no address.' });
  const failed = dial('hostLookupFailed', { detail: 'queryA ESERVFAIL node.example' });
  expect(failed.verdict).toMatch(/could not be looked up/);
  expect(failed.evidence).toContain('detail: queryA ESERVFAIL node.example');
});
