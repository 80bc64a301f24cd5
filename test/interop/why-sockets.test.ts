/** What `why` prints about remotes that are no nodes: real sockets with scripted answers. */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { listening } from '../cli/listening.ts';
import { freePort } from '../support/loopback.ts';

const scripted = (act: (socket: Socket) => void): Server => createServer(act);

const COMPARE_PORT = 'Compare the port with the one that the node announces.';

describe('table J1', () => {
  test.for<[string, () => Promise<number>, string, string | RegExp, string | RegExp, string]>([
    [
      'TCP refused',
      freePort,
      'tcp',
      'Nothing listens at that address and port.',
      'Check that the node runs, and that this is its TCP port.',
      'certain',
    ],
    [
      'TCP accepted, closed with no bytes, fast',
      () => listening(scripted((socket) => void socket.destroy())),
      'ack',
      /our address/,
      /[Aa]sk whether they restrict networks\.$/, // no throttle to wait for on loopback
      'likely',
    ],
    [
      'TCP accepted, reset with no bytes, fast',
      () => listening(scripted((socket) => void socket.resetAndDestroy())),
      '', // before or behind our auth, as the system likes
      /our address/,
      /[Aa]sk whether they restrict networks\.$/,
      'likely',
    ],
    [
      'auth sent, silence',
      () => listening(scripted((socket) => void socket.resume())),
      'ack',
      'They did not answer our auth: the public key in the enode is not theirs, the port does not speak RLPx, or all their handshake slots are in use.',
      'Get a fresh enode of the node, and if key and port are right, try again later.',
      'possible',
    ],
    [
      'ack undecipherable: a web server',
      () => listening(createHttpServer()),
      'ack',
      'This is a web server, not RLPx: their first bytes say so.',
      COMPARE_PORT,
      'likely',
    ],
    [
      'ack undecipherable: an SSH banner',
      () => listening(scripted((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'))),
      'ack',
      'This is an SSH server or client, not RLPx: their first bytes say so.',
      COMPARE_PORT,
      'likely',
    ],
  ])('%s', async ([, place, phase, verdict, remedy, confidence]) => {
    const enode = `enode://${publicKeyHex(generateNodeKey().publicKey)}@127.0.0.1:${await place()}`;
    const terminal = new FakeTerminal();
    expect(await runProgram(['why', enode, '--json', '--timeout', '2'], terminal)).toBe(1);
    const { phases, explanation } = await terminal.report('why');
    expect(explanation).toMatchObject({
      verdict: expect.stringMatching(verdict),
      remedy: expect.stringMatching(remedy),
      confidence,
    });
    const failed = phases.find(({ result }) => result === 'failed')?.phase;
    expect(failed).toMatch(phase);
    expect(phases.at(-1)).toMatchObject({ phase: 'peer', result: 'notReached' });
  });
});
