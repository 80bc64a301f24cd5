/** Asks `peerchart why` about node 2 of a world, as a person and as a program would, and compares the two answers. */
import { expect } from 'vitest';
import type { ServerEvent } from '../../src/api/server-events.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { WhyReport } from '../../src/cli/why-report.ts';
import type { Outcome } from '../../src/explain/explain.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import type { Capability, Hello } from '../../src/io/wire/hello.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { recorder } from '../support/log-recorder.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { helloOf, host } from '../support/raw-peer-in-world.ts';
import { enodeOf, type Member, World } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** Where node 2 is. */
export const PLACE = { host: '192.0.2.1', port: 30_002 };

/** What the node at `PLACE` does. @returns what happens once the dial is running. */
export type Cause = (world: World) => Promise<(() => Promise<void>) | void>;

/** @param words What is typed besides the enode. @returns what `--json` prints; people were told the same. */
export async function askWhy(
  cause: Cause,
  words: readonly string[] = [],
  enode = enodeOf(2),
): Promise<WhyReport> {
  return compared(cause, [enode, ...words, ...(words.includes('--offer') ? [] : OFFER)]);
}

/** The same, speaking eth. */
export const askWhyEth = (cause: Cause, words: readonly string[] = []): Promise<WhyReport> =>
  compared(cause, [enodeOf(2), ...words]);

const OFFER = ['--offer', 'echo/1'];

/** The time of day of those who ask: 2026-11-30. */
export const NOW_MS = 1_796_000_000_000;

async function compared(cause: Cause, words: readonly string[]): Promise<WhyReport> {
  const { code, output } = await run(cause, [...words, '--json']);
  const report = JSON.parse(output) as WhyReport;
  const human = await run(cause, words);
  expect([code, human.code]).toEqual(report.isPeer ? [0, 0] : [1, 1]);
  const { state, explanation } = report;
  const { verdict, remedy, confidence, evidence } = explanation;
  expect(evidence).not.toEqual([]);
  expect(withoutCounts(human.output).slice(9)).toEqual(
    [
      `Verdict (${confidence}): ${verdict} [${state}]`,
      `Remedy: ${remedy}`,
      'Evidence:',
      ...evidence.map((line) => `  - ${line}`),
      '',
    ].flatMap(withoutCounts),
  );
  expect(tableOf(human.output)).toEqual(report.phases.map(({ result, ms }) => RESULTS[result](ms)));
  return report;
}

/** Asks in a world that has nothing left afterwards. */
async function run(cause: Cause, args: readonly string[]) {
  const world = new World(new MemoryNetwork());
  const then = await cause(world);
  const terminal = new FakeTerminal();
  const { clock, network } = world;
  const ports = { clock, dialer: network.dialer, unixTimeMs: () => NOW_MS };
  const done = runProgram(['why', ...args], terminal, ports);
  await world.settle();
  await then?.();
  const code = await answerOf(world, done);
  await world.settle();
  expect(terminal.errors).toBe('');
  await world.end();
  return { code, output: terminal.output };
}

type Told = Extract<ServerEvent, Outcome>;

const LINES = {
  dialFailed: 'dial failed',
  ended: 'connection ended',
  drop: 'peer dropped',
} as const satisfies Record<Told['type'], string>;

/** What the event of a server says that dials node 2, offering this; its log line says the same. */
export async function hear(
  cause: Cause,
  { name, version }: Capability,
  enode = enodeOf(2),
): Promise<Told> {
  const world = new World(new MemoryNetwork());
  const then = await cause(world);
  const { lines, logger } = recorder('debug');
  const { server, log } = world.add(1, { protocols: [{ ...echo(), name, version }], logger });
  await server.start();
  server.addPeer(enode);
  await world.settle();
  await then?.();
  const find = () =>
    log.find(
      (some): some is Told =>
        some.type === 'ended' ||
        some.type === 'drop' ||
        (some.type === 'dialFailed' && some.state !== 'setupFailed'),
    );
  while (!find()) await world.advance(1_000);
  const event = find()!;
  const { state, explanation } = event;
  const line = { msg: LINES[event.type], state, why: explanation.verdict };
  expect(lines).toContainEqual(expect.objectContaining(line));
  await world.end();
  return event;
}

/** Lets time pass until there is one. */
export async function answerOf(world: World, exitCode: Promise<number>): Promise<number> {
  let isThere = false;
  void exitCode.finally(() => {
    isThere = true;
  });
  while (!isThere) await world.advance(1_000);
  return exitCode;
}

/** Lines; how many bytes an auth has is chance, and two answers differ in that. */
const withoutCounts = (text: string): string[] =>
  text.replace(/\d+ (bytes|out)/g, '# $1').split('\n');

const RESULTS = {
  passed: (ms: number | null) => `${ms} ms`,
  failed: (ms: number | null) => `failed after ${ms} ms`,
  skipped: () => 'not needed',
  notReached: () => 'not reached',
};

const tableOf = (output: string): string[] =>
  output
    .split('\n')
    .slice(1, 9)
    .map((line) => line.slice(16));

/** Results by phase, such as `tcp passed`. */
export const phasesOf = ({ phases }: WhyReport): string[] =>
  phases.map(({ phase, result }) => `${phase} ${result}`);

export const failedPhase = ({ phases }: WhyReport) =>
  phases.find(({ result }) => result === 'failed')?.phase;

/** A server of ours, and what it does once the dial is under way. */
export const server =
  (
    options: Parameters<World['add']>[1] = {},
    then: (world: World, member: Member) => Promise<void> = async () => {},
  ): Cause =>
  async (world) => {
    const member = world.add(2, { protocols: [echo()], ...options });
    await world.start(member);
    return () => then(world, member);
  };

/** A node that answers each connection with bytes, or not at all. */
export const banner =
  (bytes: string | Uint8Array | null): Cause =>
  async ({ network }) =>
    network.attach(PLACE, ({ duplex }) => {
      duplex.resume();
      if (bytes !== null) duplex.once('data', () => void duplex.write(bytes));
    });

/** Has keys with us, and does then whatever it wants. */
export const guest =
  (act: (guest: RawPeer, world: World) => Promise<void> | void): Cause =>
  async (world) => {
    const { guests } = host(world, 2);
    return async () => act(guests[0]!, world);
  };

/** A Disconnect instead of Hello, uncompressed. */
export const goodbye = (reason: DisconnectReason | number): Cause =>
  guest((them) => {
    them.sendDisconnect(reason);
    them.stream.duplex.end();
  });

/** A peer that says Hello, and after `ms` goodbye, or goes without a word. */
export const peer = (reason: DisconnectReason | null, ms = 0, hello: Partial<Hello> = {}): Cause =>
  guest(async (them, world) => {
    them.sendHello(helloOf(2, hello));
    await world.settle();
    await world.advance(ms);
    if (reason) them.sendCompressed(DISCONNECT, encodeDisconnect(reason));
    them.stream.duplex.end();
  });
