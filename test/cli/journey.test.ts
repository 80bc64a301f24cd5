/** The first journey of a person: run, attach, Ctrl-C, and run again. */
import { EventEmitter } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { parseRecord } from '../../src/io/crypto/node.ts';
import { endpointOf } from '../../src/io/crypto/node-record.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';
import { tryOut } from './try-out.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.for(['none', 'v4,v5'])(
  'a node with discovery %s is asked with attach, stops in order at a signal, and is the same node again',
  async (discovery) => {
    const datadir = join(await scratch(), 'node');
    const port = await freePort();
    const words = `run --json --host 127.0.0.1 --port ${port} --discovery ${discovery} --datadir ${datadir}`;
    const runs = [];
    for (const signal of ['SIGINT', 'SIGTERM']) {
      const shown = new FakeTerminal();
      const process = Object.assign(new EventEmitter(), {
        ...{ stdout: shown.stdout, stderr: new PassThrough(), env: {}, exit: shown.end },
      });
      const code = runProgram(words.split(' '), openTerminal(process));
      const { enode, enr } = await shown.report('started');
      const asked = await tryOut(['attach', datadir, 'admin_nodeInfo', '--json']);
      expect([asked.code, JSON.parse(asked.output)]).toMatchObject([0, { enode }]);
      process.emit(signal);
      expect(await code).toBe(0);
      expect(shown.reports.map(({ type }) => type)).toEqual(['started', 'stopping', 'stopped']);
      const left = await readdir(datadir);
      expect(left).toEqual(expect.arrayContaining(['nodekey', 'nodes']));
      expect(left).not.toContain('peerchart.ipc');
      runs.push({ enode, enr: enr! });
    }
    const [first, second] = runs;
    expect(second!.enode).toBe(first!.enode);
    expect(second!.enr).toBe(first!.enr);
    expect(endpointOf(parseRecord(first!.enr))).toMatchObject({ tcpPort: port });
  },
);
