import { describe, expect, test } from 'vitest';

import {
  ENDPOINT_PROOF,
  LOCAL_NODE,
  LOOKUP,
  lookupInput,
} from '../../../src/inspect/recording/discovery-event-forms.ts';
import { oneOf, type Writing } from '../../../src/inspect/recording/form.ts';
import { createMask, NO_MASK } from '../../../src/inspect/recording/mask.ts';
import type { EndpointProofEvent } from '../../../src/machines/discovery/endpoint-proof.ts';
import type { LocalNodeEvent } from '../../../src/machines/discovery/local-node.ts';
import type { LookupEvent } from '../../../src/machines/discovery/lookup.ts';
import { lookupInput as inputOf, near, US } from '../../support/lookup-run.ts';
import { tableNode } from '../../support/table-nodes.ts';

const event = oneOf<LookupEvent>(LOOKUP);

function writing(mask = NO_MASK) {
  let incomplete = 0;
  const context: Writing = {
    mask,
    hosts: null,
    markIncomplete: () => {
      incomplete += 1;
    },
  };
  return { context, incomplete: () => incomplete };
}

describe('nodes of discovery', () => {
  test('are written with what charts read of them, and without key and record', () => {
    const { context, incomplete } = writing();
    const node = tableNode(near(1).id, { host: '198.51.100.1', seq: 7 });
    const written = event.write({ type: 'answered', id: US, nodes: [node] }, context);
    expect(written).toEqual({
      type: 'answered',
      id: US,
      nodes: [
        {
          id: near(1).id,
          host: '198.51.100.1',
          hostKind: 'ipv4',
          udpPort: 30_303,
          tcpPort: 30_303,
          seq: 7,
        },
      ],
    });
    const read = event.read(written, { hostAnswers: new Map() });
    expect(read).toMatchObject({
      type: 'answered',
      nodes: [{ id: near(1).id, record: { seq: 7 } }],
    });
    expect(incomplete()).toBe(0);
  });

  test('without a record are read back without one', () => {
    const { context } = writing();
    const read = lookupInput.read(lookupInput.write(inputOf(), context), {
      hostAnswers: new Map(),
    });
    expect(read.seeds).toMatchObject([{ id: near(9).id, record: null }]);
  });

  test('do not show the numbers of their records when they are masked', () => {
    const { context } = writing(createMask(new Uint8Array(32), US));
    const node = tableNode(near(1).id, { seq: 1_700_000_000_123 });
    const found = { type: 'answered', id: US, nodes: [node] } as const;
    expect(JSON.stringify(event.write(found, context))).not.toContain('1700000000123');
    const pong = { type: 'pong.received', rttMs: 5, seq: 1_700_000_000_123 } as const;
    const proof = oneOf<EndpointProofEvent>(ENDPOINT_PROOF);
    expect(proof.write(pong, context)).toEqual({ type: 'pong.received', rttMs: 5, seq: 0 });
    const opened = oneOf<LocalNodeEvent>(LOCAL_NODE);
    const own = { type: 'store.opened', nextSeq: 1_700_000_000_123 } as const;
    expect(opened.write(own, context)).toEqual({ type: 'store.opened', nextSeq: 0 });
  });

  test('are masked, and then a lookup is not replayed', () => {
    const { context, incomplete } = writing(createMask(new Uint8Array(32), US));
    const text = JSON.stringify(lookupInput.write(inputOf(), context));
    expect(text).not.toContain(near(9).id);
    expect(text).not.toContain(near(9).host);
    expect(incomplete()).toBe(1);
  });
});
