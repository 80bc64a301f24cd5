/** How `why` goes about it; what it says about each cause is in why-causes.test.ts. */

import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Confidence } from '../../src/api/explanation.ts';
import type { Phase } from '../../src/cli/phases.ts';
import { runProgram } from '../../src/cli/program.ts';
import { echo } from '../../src/protocols/echo.ts';
import { saveNodeKey } from '../../src/server/node-key-file.ts';
import { helloOf } from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf, World } from '../support/world.ts';
import {
  answerOf,
  askWhy,
  banner,
  type Cause,
  failedPhase,
  goodbye,
  guest,
  PLACE,
  server,
} from './asking-why.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

describe('an end', () => {
  test.for<[string, Cause, Phase, RegExp, Confidence, (readonly string[])?]>([
    [
      'at a firewall, without patience',
      async ({ network }) => network.silence(PLACE),
      'tcp',
      /behind a firewall/,
      'likely',
      ['--timeout', '2'],
    ],
    [
      'without an answer, before the time limit',
      banner(null),
      'ack',
      /did not answer our auth/,
      'possible',
      ['--timeout', '2'],
    ],
    ['of a node that stops', goodbye('clientQuitting'), 'hello', /shutting down/, 'likely'],
    [
      'instead of Hello',
      guest(({ stream }) => void stream.duplex.end()),
      'hello',
      /hung up instead of sending Hello/,
      'possible',
    ],
    ['for want of a Hello', guest(() => {}), 'hello', /No Hello/, 'possible'],
    [
      'by a message that no protocol owns',
      guest((them) => {
        them.sendHello(helloOf(2));
        them.sendCompressed(200, Uint8Array.of(0xc0));
      }),
      'peer',
      /belongs to no capability/,
      'certain',
    ],
  ])('%s', async ([, cause, phase, verdict, confidence, words]) => {
    const report = await askWhy(cause, words);
    expect(report.explanation.verdict).toMatch(verdict);
    expect(report.explanation.confidence).toBe(confidence);
    expect(failedPhase(report)).toBe(phase);
    expect(report.isPeer).toBe(false);
  });
});

test('their Hello is shown when nothing is shared', async () => {
  const { client, capabilities } = await askWhy(server(), ['--offer', 'eth/69']);
  expect([client, capabilities]).toEqual(['peerchart/0.1.0', ['echo/1']]);
});

describe('a node that accepts us', () => {
  test('gives exit code 0, its phases and the shared protocols', async () => {
    const report = await askWhy(server());
    expect(report).toMatchObject({
      isPeer: true,
      state: 'peer',
      trail: [],
      capabilities: ['echo/1'],
      explanation: {
        verdict: 'They are our peer, and stayed connected for 3 s.',
        confidence: 'certain',
        evidence: expect.arrayContaining(['shared: echo/1']),
      },
    });
    expect(report.phases.map(({ result }) => result)).toEqual([
      'skipped',
      ...Array(5).fill('passed'),
      ...['skipped', 'passed'],
    ]);
    expect(report.phases.at(-1)?.ms).toBe(3_000);
  });

  test('may send messages: they are counted', async () => {
    const report = await askWhy(
      guest((them) => {
        them.sendHello(helloOf(2));
        for (const code of [16, 17]) them.sendCompressed(code, Uint8Array.of(0xc0));
      }),
    );
    expect(report.isPeer).toBe(true);
    expect(report.explanation.evidence).toContain('messages from their subprotocols: 2');
  });

  test('must stay connected for --stay, and --timeout does not end that', async () => {
    const report = await askWhy(server(), ['--stay', '40', '--timeout', '2']);
    expect(report.explanation.verdict).toMatch(/stayed connected for 40 s/);
    expect(report.phases.at(-1)).toEqual({ phase: 'peer', result: 'passed', ms: 40_000 });
  });

  test('is reported as a peer when the user interrupts', async () => {
    const world = new World();
    await world.start(world.add(2, { protocols: [echo()] }));
    const { terminal, code } = ask(world, '--stay', '60');
    await world.advance(12_400, 100);
    terminal.stop();
    await world.advance(1_000);
    expect(await code).toBe(0);
    expect(terminal.output).toMatch(/as a peer +12400 ms\nVerdict .* for 12\.4 s\./);
    await world.end();
  });
});

describe('our key', () => {
  test('is the key of the file, if one is given', async () => {
    const world = new World();
    const full = world.add(2, { protocols: [echo()], maxPeers: 0 });
    await world.start(full);
    full.server.addTrustedPeer(enodeOf(3));
    const stranger = ask(world);
    expect(await answerOf(world, stranger.code)).toBe(1);
    const friend = ask(world, '--nodekey', await keyFileOf(3));
    expect(await answerOf(world, friend.code)).toBe(0);
    await world.end();
  });

  test('must be in a file that only we can read, unless the option allows more', async () => {
    const world = new World();
    const file = await keyFileOf(3);
    await chmod(file, 0o644);
    const careful = ask(world, '--nodekey', file);
    expect(await answerOf(world, careful.code)).toBe(1);
    expect(careful.terminal.errors).toMatch(/is accessible to other users .*--allow-readable-key/);
    const bold = ask(world, '--nodekey', file, '--allow-readable-key');
    expect(await answerOf(world, bold.code)).toBe(1);
    expect(bold.terminal.output).toMatch(/Nothing listens/);
    await world.end();
  });

  test('cannot be the key of the dialled node', async () => {
    const world = new World();
    const { terminal, code } = ask(world, '--nodekey', await keyFileOf(2));
    expect(await code).toBe(1);
    await world.settle();
    expect(terminal.errors).toBe(
      'peerchart: the enode is that of our own key: a node does not dial itself\n',
    );
    await world.end();
  });
});

test('the user interrupts', async () => {
  const world = new World();
  world.network.silence(PLACE);
  const { terminal, code } = ask(world);
  await world.settle();
  terminal.stop();
  await world.settle();
  expect(await code).toBe(1);
  expect(terminal.output).toMatch(/Verdict \(unknown\): Interrupted .*\[cancelled\]/);
  expect(keyOf(2).id.startsWith(terminal.lines[0]!.slice(9, 17))).toBe(true);
  await world.end();
});

/** About node 2, as people do. */
function ask({ clock, network }: World, ...words: readonly string[]) {
  const terminal = new FakeTerminal();
  const args = ['why', enodeOf(2), '--offer', 'echo/1', ...words];
  const ports = { clock, dialer: network.dialer };
  return { terminal, code: runProgram(args, terminal, ports) };
}

async function keyFileOf(seed: number): Promise<string> {
  const file = join(await scratch(), 'nodekey');
  await saveNodeKey(file, keyOf(seed));
  return file;
}
