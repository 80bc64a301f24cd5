/** Which parts of a client name, between slashes, say nothing about who runs the node. */

/** Clients of devp2p networks, as they call themselves. */
const SOFTWARE: ReadonlySet<string> = new Set([
  'besu',
  'bor',
  'bsc',
  'coregeth',
  'erigon',
  'ethereumjs-devp2p',
  'ethereumjs',
  'ethrex',
  'geth',
  'go-ethereum',
  'nethermind',
  'nimbus',
  'nimbus-eth1',
  'op-geth',
  'op-reth',
  'openethereum',
  'parity-ethereum',
  'peerchart',
  'reth',
  'silkworm',
  'trinity',
]);

/** Three numbers at most: four are an address. */
const NUMBERS = /^v?\d{1,4}(?:\.\d{1,4}){1,2}$/i;

/** What may follow the numbers of a version: its stage, a date or a commit. */
const STAGE =
  /^(?:stable|unstable|alpha|beta|rc|dev|develop|nightly|snapshot|release|(?:alpha|beta|rc)\.?\d{1,3}|[\da-f]{7,10})$/i;

/** Words of systems and processors. */
const PLATFORM: ReadonlySet<string> = new Set(
  (
    'linux windows darwin macos osx freebsd android apple unknown pc gnu gnueabihf musl msvc ' +
    'x64 x86 amd64 64 32 386 i686 arm arm64 armv7 aarch aarch64 riscv64'
  ).split(' '),
);

/** Compilers and runtimes. */
const RUNTIME =
  /^(?:go|dotnet|java|node|nodejs|rustc|nim|(?:open|oracle|graalvm)[a-z]{0,8}-java-)v?\d{1,3}(?:\.\d{1,3}){0,2}$|^nodejs$/i;

export const isCommonPart = (part: string): boolean =>
  SOFTWARE.has(part.toLowerCase()) || RUNTIME.test(part) || isVersion(part) || isPlatform(part);

function isVersion(part: string): boolean {
  const [numbers = '', ...stages] = part.split(/[-+]/);
  return NUMBERS.test(numbers) && stages.every((stage) => STAGE.test(stage));
}

const isPlatform = (part: string): boolean =>
  part
    .toLowerCase()
    .split(/[-_]/)
    .every((word) => PLATFORM.has(word));
