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
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { build as bundle } from 'vite';

const ROOT = import.meta.dirname;
process.chdir(ROOT);

/** As the compiler writes it. */
const IMPORTED = /^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];/gm;

/**
 * Packages in CommonJS that `import 'peerchart'` loads. Node reads the text of each one that is imported to find the names
 * that it exports, which takes longer than to run it; one that is required is only run.
 */
const REQUIRED = ['ipaddr.js', 'rlp', 'snappy', 'xstate'];

/** Before the name of a package, in place of its path. */
const REQUIRE = '\0require:';

const require = createRequire(import.meta.url);

/** In `dist`: the digest of the sources that it was built from. */
const STAMP = '.built';

const digest = digestOf(sources());
if (!existsSync('dist') || stampOf('dist') !== digest) await build();

async function build() {
  const [fresh, old] = [`dist.${process.pid}`, `dist.old.${process.pid}`];
  try {
    run('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh);
    await bundleServer(resolve(fresh));
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

/**
 * Makes one file of all modules that `import 'peerchart'` loads, which takes half the time. Each of them stays importable:
 * its file hands on what it exports from there, so that there is one of each.
 */
async function bundleServer(folder) {
  const inside = loadedBy(join(folder, 'exports/main.js'));
  const input = [...inside].map((path) => [relative(folder, path).slice(0, -'.js'.length), path]);
  await bundle({
    ...{ root: folder, configFile: false, logLevel: 'warn' },
    plugins: [
      {
        name: 'modules-of-the-server',
        enforce: 'pre',
        resolveId(source, importer) {
          if (!importer) return null;
          if (REQUIRED.includes(source)) return `${REQUIRE}${source}`;
          if (!source.startsWith('.')) return { id: source, external: true };
          const path = join(dirname(importer), source);
          return inside.has(path) ? path : { id: path, external: 'relative' };
        },
        load: (path) =>
          path.startsWith(REQUIRE)
            ? requiring(path.slice(REQUIRE.length))
            : { code: readFileSync(path, 'utf8'), map: readFileSync(`${path}.map`, 'utf8') },
      },
    ],
    build: {
      ...{ ssr: true, outDir: 'bundled', minify: false, sourcemap: true, target: 'node20' },
      rolldownOptions: {
        input: Object.fromEntries(input),
        preserveEntrySignatures: 'allow-extension',
        output: {
          ...{ entryFileNames: '[name].js', chunkFileNames: 'bundle/[name].js' },
          codeSplitting: {
            groups: [{ name: 'server', test: (id) => inside.has(id) || id.startsWith(REQUIRE) }],
          },
        },
      },
    },
  });
  for (const path of inside) rmSync(`${path}.map`);
  await cp(join(folder, 'bundled'), folder, { recursive: true });
  rmSync(join(folder, 'bundled'), { recursive: true });
}

/** A module that exports what the package does. */
function requiring(name) {
  const names = Object.keys(require(name)).filter((one) => one !== 'default');
  return `import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('${name}');
export default required;
export const { ${names.join(', ')} } = required;`;
}

/** Our modules that this one imports at once, directly or not. */
function loadedBy(path, inside = new Set()) {
  if (inside.has(path)) return inside;
  inside.add(path);
  for (const [, from] of readFileSync(path, 'utf8').matchAll(IMPORTED))
    loadedBy(join(dirname(path), from), inside);
  return inside;
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
