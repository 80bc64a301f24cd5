/** The client name of a node in Hello: name, identity, version, system and runtime, as go-ethereum's node/config.go has it. */
import { VERSION } from '../api/version.ts';

/** Go's words for processors and systems, which crawlers count. */
const GO_WORDS: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  win32: 'windows',
};

const goWord = (word: string): string => GO_WORDS[word] ?? word;

/** Such as `peerchart/my-node/v0.1.0/linux-amd64/node22.1.0`. */
export function clientName(
  identity: string | undefined,
  { platform, arch, version }: Pick<NodeJS.Process, 'platform' | 'arch' | 'version'> = process,
): string {
  const system = `${goWord(platform)}-${goWord(arch)}`;
  return [
    'peerchart',
    ...(identity === undefined ? [] : [identity]),
    `v${VERSION}`,
    system,
    version.replace(/^v/, 'node'),
  ].join('/');
}
