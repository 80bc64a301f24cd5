/**
 * Builds `dist` if a source has changed since: into a folder beside it that then takes its name, so that a node that
 * starts meanwhile never loads half of one build and half of another.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const ROOT = import.meta.dirname;
process.chdir(ROOT);

/** In `dist`: the digest of the sources that it was built from. */
const STAMP = '.built';

const digest = digestOf(sources());
if (!existsSync('dist') || stampOf('dist') !== digest) build();

function build() {
  const [fresh, old] = [`dist.${process.pid}`, `dist.old.${process.pid}`];
  try {
    run('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh);
    const page = ['build', '--config', 'src/inspect/page/vite.config.ts', '--logLevel', 'warn'];
    run('vite/bin/vite.js', ...page, '--outDir', join(ROOT, fresh, 'inspect/page'));
    chmodSync(join(fresh, 'cli/main.js'), 0o755);
    writeFileSync(join(fresh, STAMP), digest);
    if (existsSync('dist')) renameSync('dist', old);
    renameSync(fresh, 'dist');
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
}

function run(script, ...args) {
  execFileSync(process.execPath, [join('node_modules', script), ...args], { stdio: 'inherit' });
}

/** What the build reads, its own settings and the versions of its tools included. */
function sources() {
  const inside = readdirSync('src', { recursive: true }).map((name) => join('src', name));
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'build.mjs'];
  return [...inside.filter((path) => statSync(path).isFile()), ...settings].sort();
}

function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(path)).update('\n');
  return hash.digest('hex');
}

function stampOf(folder) {
  const path = join(folder, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
