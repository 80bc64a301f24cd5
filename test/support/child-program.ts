/** Programs that tests run as processes of their own: bundled, because one file is loaded faster than many. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { onTestFinished } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

/**
 * @returns The path of one file of JavaScript that Node runs, alone in a folder that the test removes; it is inside the root,
 * where the program finds its dependencies.
 */
export async function bundledProgram(source: string): Promise<string> {
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.child-program-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    root: ROOT,
    ssr: { noExternal: true, external: ['classic-level', 'secp256k1', 'snappy'] },
    build: {
      ssr: source,
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  });
  return join(folder, 'program.mjs');
}

export type RunningProgram = {
  readonly child: ChildProcess;
  /** Its next line of output; null when it has ended. */
  next(): Promise<string | null>;
  /** Writes a line to its input. */
  tell(line: string): void;
};

/** Runs it until the test is over, or until it ends. */
export function runProgram(program: string, args: readonly string[] = []): RunningProgram {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {}); // it may have been killed
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    next: async () => {
      const { done, value } = await lines.next();
      return done ? null : value;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
  };
}
