/** Builds the Go programs once before the interop tests; Go is required, not optional. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const GO_MODULE = join(import.meta.dirname, 'geth-peer');

export const GETH_PEER = join(GO_MODULE, 'geth-peer');
export const FULL_NODE = join(GO_MODULE, 'full-node', 'full-node');

export const buildGethPeer = (): void => build(GETH_PEER, '.');

/** Much more of go-ethereum than geth-peer: from an empty build cache it takes a minute on two cores. */
export const buildFullNode = (): void => build(FULL_NODE, './full-node');

export default function buildPeers(): void {
  buildGethPeer();
  buildFullNode();
}

/** Without cgo, so that a C compiler is not needed; go.mod and go.sum are taken as they are. */
function build(program: string, source: string): void {
  try {
    execFileSync('go', ['build', '-trimpath', '-o', program, source], {
      cwd: GO_MODULE,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (cause) {
    throw new Error(`${program} did not build; the interop tests need Go 1.25 or newer`, { cause });
  }
}
