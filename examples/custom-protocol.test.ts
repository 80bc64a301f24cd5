import type { Protocol } from 'peerchart';
import { expectMessage, pairedPeers } from 'peerchart/testing';
import { encodeRlp } from 'peerchart/wire';
import { expect, test } from 'vitest';
import { Counter, TELL } from './custom-protocol.ts';

const played = (run: Protocol['run']): Protocol => ({ ...new Counter().protocol, run });

test('a greater number is kept and passed on', async () => {
  const [ours, between] = [new Counter(), new Counter()];
  const listener = played(async (_, port) => {
    await expectMessage(port, TELL, encodeRlp(0));
    ours.raise(7);
    await expectMessage(port, TELL, encodeRlp(7));
  });
  pairedPeers([ours.protocol], [between.protocol]);
  await pairedPeers([listener], [between.protocol])[0].done;
});

test('a message that is no number ends the peer', async () => {
  const liar = played((_, port) => port.send(TELL, encodeRlp([])));
  const [us] = pairedPeers([new Counter().protocol], [liar]);
  await expect(us.done).rejects.toMatchObject({ fault: 'malformedRlp' });
});
