/** The files of docs/deploy name paths, options and ports that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/api/options.ts';
import { createProgram } from '../../src/cli/program.ts';
import { SPARE_FILES } from '../../src/server/file-limit-warning.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const unit = read('docs/deploy/peerchart.service');
const image = read('docs/deploy/Containerfile');
const page = read('docs/deploy.md');
const { bin } = JSON.parse(read('package.json')) as { bin: { peerchart: string } };
const MAIN = bin.peerchart.replace('./', '/opt/peerchart/');

const program = createProgram({ terminal: new FakeTerminal(), ports: {}, exit: () => {} });

/** @param words Behind `peerchart`. */
function expectCommand([name, ...words]: readonly string[]): void {
  const command = program.commands.find((one) => one.name() === name);
  const options = words.filter((word) => word.startsWith('--'));
  expect(command?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
}

const instruction = (name: string): string =>
  new RegExp(`^${name} (.*)$`, 'm').exec(image)?.[1] ?? '';

test('the unit starts the program with options that it has, and may open enough files', () => {
  const [, main = '', words = ''] = /^ExecStart=\S+ (\S+) (.*)$/m.exec(unit)!;
  expect(main).toBe(MAIN);
  expectCommand(words.split(' '));
  const { maxPeers, maxPendingPeers } = DEFAULTS;
  const limit = Number(/^LimitNOFILE=(\d+)$/m.exec(unit)?.[1]);
  expect(limit).toBeGreaterThanOrEqual(maxPeers + maxPendingPeers + SPARE_FILES);
  const [, stopS] = /^TimeoutStopSec=(\d+)$/m.exec(unit)!;
  expect(Number(stopS)).toBeGreaterThan(5);
});

test('the image copies what is there, and starts the program with options that it has', () => {
  const copied = [...image.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, list]) =>
    list!.split(' '),
  );
  expect(copied).toContain('src');
  for (const path of copied) expect([path, existsSync(path)]).toEqual([path, true]);
  expect(JSON.parse(instruction('ENTRYPOINT'))).toEqual(['node', MAIN]);
  expectCommand(JSON.parse(instruction('CMD')));
});

test('the image has the default ports, and is healthy when /healthz says so', () => {
  const { port } = DEFAULTS.listen;
  expect(instruction('EXPOSE')).toBe(`${port}/tcp ${port}/udp`);
  const [, metricsPort] = /"--metrics-port", "(\d+)"/.exec(instruction('CMD'))!;
  const [, asked] = /127\.0\.0\.1:(\d+)\/healthz/.exec(image)!;
  expect(asked).toBe(metricsPort);
  expect(page).toContain(`'127.0.0.1:${metricsPort}'`);
  expect(instruction('USER')).toBe('node');
});
