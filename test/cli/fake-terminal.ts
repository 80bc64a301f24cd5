/** A terminal without a process: what is written is kept, and waiting for a line is on events. */
import { PassThrough } from 'node:stream';

import type { PingReport, RunReport } from '../../src/cli/report.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { WhyReport } from '../../src/cli/why-report.ts';

type Report = RunReport | PingReport | WhyReport;
type ReportOf<Type extends Report['type']> = Extract<Report, { type: Type }>;

export class FakeTerminal implements Terminal {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly hasColours = false;
  readonly isTty: boolean = false;
  /** Exit codes with which the process was to end at once. */
  readonly ends: number[] = [];
  readonly end = (code: number): void => void this.ends.push(code);
  readonly wallTime = (): string => '2026-01-02T16:05:09.876Z';
  readonly #stop = new AbortController();
  readonly signal = this.#stop.signal;
  /** All of it until now. */
  output = '';
  errors = '';
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      for (const look of [...this.#waiting]) look();
    });
    this.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
  }

  /** As Ctrl-C. */
  stop(): void {
    this.#stop.abort();
  }

  /** Whole lines. */
  get lines(): readonly string[] {
    return this.output.split('\n').slice(0, -1);
  }

  /** The next line that no call has passed yet and that fits. */
  line(fits: (line: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.lines.findIndex((line, index) => index >= this.#taken && fits(line));
        if (at < 0) return;
        this.#taken = at + 1;
        this.#waiting.delete(look);
        resolve(this.lines[at]!);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The same for JSON lines. */
  async report<Type extends Report['type']>(type: Type): Promise<ReportOf<Type>> {
    const line = await this.line((text) => (JSON.parse(text) as Report).type === type);
    return JSON.parse(line) as ReportOf<Type>;
  }

  get reports(): readonly Report[] {
    return this.lines.map((line) => JSON.parse(line) as Report);
  }
}
