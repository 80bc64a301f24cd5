/** Bundles of the entry points, made as an application's bundler makes them: what an embedder of the server loads. */
import { build } from 'vite';
import { expect, test } from 'vitest';

const ROOT = new URL('../', import.meta.url).pathname;

/** Every module of ours that the bundler reads for an entry point, as paths from the root; packages are left out. */
async function modulesOf(entry: string): Promise<readonly string[]> {
  const modules: string[] = [];
  const moduleParsed = ({ id }: { readonly id: string }): void =>
    void modules.push(id.replace(ROOT, ''));
  await build({
    ...{ root: ROOT, configFile: false, logLevel: 'silent' },
    plugins: [{ name: 'list-modules', moduleParsed }],
    build: { ssr: entry, write: false, rollupOptions: { external: /^(?![./])/ } },
  });
  return modules;
}

const isOfInspector = (path: string): boolean => path.startsWith('src/inspect/');

test('a bundle of peerchart contains the server and no module of the inspector', async () => {
  const modules = await modulesOf('src/exports/main.ts');
  expect(modules).toContain('src/server.ts');
  expect(modules.filter(isOfInspector)).toEqual([]);
});

test('a bundle of peerchart/inspect contains the inspector', async () => {
  expect((await modulesOf('src/exports/inspect.ts')).filter(isOfInspector)).not.toEqual([]);
});
