/**
 * A real link, driven by the machines of setup and peer, under random doings of a remote, of handlers and of a user.
 * After every step the bytes that it wrote are judged by the invariants 7, 8 and 9 of the specification: which Disconnect
 * left and in which form, that nothing follows it, and that messages wait for each other. What the machines tell their
 * links, and all other invariants: `test/machines/server/server-invariants.test.ts`.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CONGESTED_BYTES } from '../../../src/io/link/write-queue.ts';
import { DISCONNECT, HELLO, PING } from '../../../src/io/wire/base-message.ts';
import { hex } from '../../support/crypto.ts';
import { alice, bob } from '../../support/handshake.ts';
import { LinkStage, MESSAGE_BYTES, type Origin } from '../../support/link-stage.ts';
import { helloOf } from '../../support/links.ts';

/** As for the server, of whose runs there are fifty for one here: crypto takes its time. */
const { RUNS = '10000', SEED = '1', SHRINK = 'yes' } = process.env;
const numRuns = Math.max(60, Math.ceil(Number(RUNS) / 50));
const MAX_STEPS = 30;

const STEPS = [
  ...['send', 'send', 'flood', 'flood', 'flood', 'pause', 'resume', 'wait', 'wait'],
  ...['ping', 'ping', 'leave', 'abort', 'disconnect', 'garble', 'secondHello', 'unroutable'],
  ...['hangUp', 'reset'],
] as const;

type Step = readonly [what: (typeof STEPS)[number], a: number];

const WAITS_MS = [10, 500, 2_000, 15_000, 25_000];

type Beginning = {
  readonly who: Origin;
  readonly version: number;
  /** How far the remote goes by itself. */
  readonly isAgreed: boolean;
  readonly saysHello: boolean;
  readonly isLiar: boolean;
  readonly verdicts: readonly ('accept' | 'reject.tooManyPeers' | 'reject.uselessPeer')[];
};

const oftenTrue = fc.nat(7).map((number) => number > 0);

const beginning: fc.Arbitrary<Beginning> = fc.record({
  who: fc.constantFrom<Origin>('inbound', 'static'),
  version: fc.constantFrom(4, 5),
  isAgreed: oftenTrue,
  saysHello: oftenTrue,
  isLiar: oftenTrue.map((is) => !is),
  verdicts: fc.tuple(
    fc.constantFrom('accept', 'accept', 'accept', 'reject.tooManyPeers'),
    fc.constantFrom('accept', 'accept', 'accept', 'reject.uselessPeer'),
  ),
});

const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...STEPS), fc.nat(255));

test('invariants 7 to 9 hold for the bytes of random connections', {
  timeout: 60_000 + numRuns * 500,
}, async () => {
  const total: Record<string, number> = {};
  const run = async (from: Beginning, steps: readonly Step[]): Promise<void> => {
    const stage = new LinkStage(from.who, from.verdicts);
    await begin(stage, from);
    let isHeard = true;
    for (const [what, a] of steps) {
      take(stage, from, what, a);
      isHeard &&= !['flood', 'pause', 'hangUp', 'reset'].includes(what);
      await stage.check(`after ${what}`);
    }
    await stage.end(isHeard);
    for (const [what, count] of Object.entries(stage.seen))
      total[what] = (total[what] ?? 0) + count;
  };
  const property = fc.asyncProperty(
    beginning,
    fc.array(step, { maxLength: MAX_STEPS, size: 'medium' }),
    run,
  );
  await fc.assert(property, { numRuns, seed: Number(SEED), endOnFailure: SHRINK === 'no' });
  for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(0);
});

async function begin(stage: LinkStage, from: Beginning): Promise<void> {
  const { remote } = stage;
  if (from.isAgreed) {
    const agreed = from.who === 'inbound' ? remote.dial(alice.publicKey) : remote.answer();
    await agreed.catch(() => {});
    await stage.check('after the enc handshake');
  }
  if (from.isAgreed && from.saysHello) {
    const capabilities = ['eth', 'snap'].map((name) => ({ name, version: 1 }));
    remote.sendHello({ ...helloOf(from.isLiar ? alice : bob, from.version), capabilities });
  }
  await stage.check('after Hello');
}

function take(stage: LinkStage, from: Beginning, what: Step[0], a: number) {
  const { remote, connections: crowd, clock } = stage;
  switch (what) {
    case 'send':
      return stage.send(MESSAGE_BYTES, 1 + (a % 3));
    case 'flood':
      if (a % 2 === 0) return; // it takes its time
      remote.stream.duplex.pause();
      return stage.send(CONGESTED_BYTES / 2, 1);
    case 'pause':
      return void remote.stream.duplex.pause();
    case 'resume':
      return void remote.stream.duplex.resume();
    case 'wait':
      return clock.advance(WAITS_MS[a % WAITS_MS.length]!);
    case 'leave':
      return crowd.peers.dismiss('1', 'uselessPeer');
    case 'abort':
      return crowd.abort();
    case 'garble':
      return remote.write(new Uint8Array(64));
    case 'hangUp':
      return remote.close();
    case 'reset':
      return remote.reset();
    default:
      if (from.isAgreed) say(remote, from, what);
  }
}

/** In the form that fits, if they are as far as that. */
function say(remote: LinkStage['remote'], { version, saysHello }: Beginning, what: Step[0]): void {
  const [code, payload] = {
    ping: [PING, 'c0'] as const,
    disconnect: [DISCONNECT, 'c104'] as const,
    secondHello: [HELLO, 'c0'] as const,
    unroutable: [0x3f, 'c0'] as const,
  }[what as 'ping'];
  if (version >= 5 && saysHello) remote.sendCompressed(code, hex(payload));
  else remote.send(code, hex(payload));
}
