/** Builds geth-peer once before the interop tests; Go is required, not optional. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const GETH_PEER_DIRECTORY = join(import.meta.dirname, 'geth-peer');

export const GETH_PEER = join(GETH_PEER_DIRECTORY, 'geth-peer');

/** Without cgo, so that a C compiler is not needed; go.mod and go.sum are taken as they are. */
export function buildGethPeer(): void {
  try {
    execFileSync('go', ['build', '-trimpath', '-o', GETH_PEER, '.'], {
      cwd: GETH_PEER_DIRECTORY,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (cause) {
    throw new Error('geth-peer did not build; the interop tests need Go 1.25 or newer', { cause });
  }
}

export default buildGethPeer;
