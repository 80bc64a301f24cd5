/** The TypeScript files of a folder and of the folders in it. */
import { readdirSync } from 'node:fs';

/** @returns paths relative to `folder`, sorted; never none. */
export function sourcesIn(folder: URL): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort();
  if (paths.length === 0) throw new Error(`there is no source in ${folder.href}`);
  return paths;
}
