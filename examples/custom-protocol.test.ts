import type { Protocol } from 'peerchart';
import { expectMessage, pairedPeers } from 'peerchart/testing';
import { encodeRlp } from 'peerchart/wire';
import { expect, test } from 'vitest';
import { Counter, NUMBER } from './custom-protocol.ts';

const withHandler = (run: Protocol['run']): Protocol => ({ ...new Counter().protocol, run });

test('a higher number is kept and forwarded', async () => {
  const [ours, forwarder] = [new Counter(), new Counter()];
  const listener = withHandler(async (_, port) => {
    await expectMessage(port, NUMBER, encodeRlp(0));
    ours.raise(7);
    await expectMessage(port, NUMBER, encodeRlp(7));
  });
  pairedPeers([ours.protocol], [forwarder.protocol]);
  await pairedPeers([listener], [forwarder.protocol])[0].done;
});

test('an invalid number ends the peer', async () => {
  const invalid = withHandler((_, port) => port.send(NUMBER, encodeRlp([])));
  const [us] = pairedPeers([new Counter().protocol], [invalid]);
  await expect(us.done).rejects.toMatchObject({ fault: 'malformedRlp' });
});
