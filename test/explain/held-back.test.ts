import { expect, test } from 'vitest';

import { explainHeldBack } from '../../src/explain/held-back.ts';

test('static nodes without a place: how many places there are, and what makes more', () => {
  const { verdict, remedy, confidence, evidence } = explainHeldBack({
    nodes: 2,
    dialled: 16,
    maxDialed: 16,
  });
  expect(verdict).toBe(
    '2 static nodes are not dialled: all 16 places for peers that we dial are taken.',
  );
  for (const option of ['maxPeers', 'dialRatio', 'staticExempt']) expect(remedy).toContain(option);
  expect([confidence, evidence]).toEqual(['certain', ['peers that we dialled: 16 of 16']]);
});

test('a server that dials no node says that', () => {
  const { verdict, remedy } = explainHeldBack({ nodes: 1, dialled: 0, maxDialed: 0 });
  expect(verdict).toBe('A static node is not dialled: this server dials no node.');
  expect(remedy).toContain('noDial');
});
