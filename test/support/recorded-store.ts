/** A store that shows a recording at one moment. */

import { Store } from '../../src/inspect/page/model/store.ts';
import { FileSource } from '../../src/inspect/page/recording/file-source.ts';
import { readTape } from '../../src/inspect/page/recording/recording-text.ts';
import { chunksOf, fileOf, LINES } from './recording-lines.ts';

export async function recordedStore(lines: readonly unknown[] = LINES, t?: number): Promise<Store> {
  const store = new Store();
  const read = await readTape(chunksOf(fileOf(lines), 65_536), () => {});
  const source = new FileSource(store, 'a file', read);
  if (t !== undefined) source.seek(t);
  return store;
}
