/** `peerchart demo`: shows a simulated network, in this process, without any socket except that of the page. */
import { type Clock, systemClock } from '../io/process/clock.ts';
import { printableLines } from '../io/wire/printable.ts';
import { type RunReport, started } from './report.ts';
import { reportServer } from './server-reports.ts';
import type { Terminal } from './terminal.ts';
import { reportWriter } from './timed-reports.ts';

export type DemoOptions = {
  /** TCP port of the page; 0 lets the system choose. */
  readonly port: number;
  /** The same seed repeats the same run. */
  readonly seed: number;
  /** Simulated seconds per real second. */
  readonly speed: number;
  readonly json?: boolean;
};

/** On every tab of the page, so that it is not taken for a real network. */
const LABEL = 'simulated network';

/**
 * Runs until the signal of the terminal.
 * @returns The exit code: 1 when the simulation found a fault of the server.
 * @throws {ServerError} `inspectFailed`.
 */
export async function demo(
  options: DemoOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const { createDemo } = await import('../demo/demo.ts'); // `run` does not need it
  const { keepPace } = await import('../demo/real-time-pacer.ts');
  const { openInspector } = await import('../inspect/inspector.ts');
  const { port, seed, speed } = options;
  const writer = reportWriter(options, terminal, clock);
  const show = (report: RunReport): void => writer.write(report);
  const network = createDemo({ seed });
  const run = (ms: number): Promise<void> => network.run(ms);
  await network.start();
  const onLink = (link: string): void => show({ type: 'inspect.link', link });
  const inspector = await network.server.attach((observation) =>
    openInspector(observation, { port, onLink }, { label: LABEL }),
  );
  show({ ...started(network.server.self, { inspect: inspector.link }), simulated: true });
  reportServer(network.server, show);
  try {
    await keepPace({ clock, speed, run, signal: terminal.signal });
    show({ type: 'stopping' });
    const over = new AbortController();
    const left = network.beginStop().finally(() => over.abort());
    await keepPace({ clock, speed, run, signal: over.signal }); // viewers see the Disconnects
    await left;
    await network.end();
    show({ type: 'stopped' });
    return 0;
  } catch (error) {
    terminal.stderr.write(
      `peerchart: the demo failed: ${printableLines((error as Error).message)}\n`,
    );
    return 1;
  } finally {
    await inspector.close();
  }
}
