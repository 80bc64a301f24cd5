/** A directory of its own for a test, gone when the test is over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'peerchart-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
