import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';

import type { RunReport } from '../../src/cli/report.ts';
import { MAX_UNREAD_BYTES, ReportWriter } from '../../src/cli/report-writer.ts';
import { StepClock } from '../support/step-clock.ts';
import { ID } from './some-reports.ts';

const said = (text: string): RunReport => ({ type: 'message', peer: ID, kind: 'said', text });

function setUp(linesPerSecond: number) {
  const stream = new PassThrough();
  const clock = new StepClock();
  const format = (report: RunReport): string | null => {
    if (report.type === 'reports.lost') return `lost ${report.count}`;
    if (report.type !== 'message') return report.type;
    return report.text === '' ? null : report.text;
  };
  const writer = new ReportWriter({ stream, format, linesPerSecond, clock });
  /** What was written since the last look. */
  const seen = (): string[] =>
    String(stream.read() ?? '')
      .split('\n')
      .slice(0, -1);
  return { stream, clock, writer, seen };
}

describe('a remote that causes many lines', () => {
  test('is limited to the lines of one second, and the dropped ones are counted', () => {
    const { writer, seen, clock } = setUp(2);
    for (const text of ['a', 'b', 'c', 'd']) writer.write(said(text));
    expect(seen()).toEqual(['a', 'b']);

    clock.advance(499);
    writer.write(said('e'));
    expect(seen()).toEqual([]);

    clock.advance(1);
    writer.write(said('f'));
    expect(seen()).toEqual(['lost 3', 'f']);
  });

  test('cannot use more than the lines of one second at once', () => {
    const { writer, seen, clock } = setUp(2);
    clock.advance(60_000);
    for (const text of ['a', 'b', 'c']) writer.write(said(text));
    expect(seen()).toEqual(['a', 'b']);
  });

  test('does not suppress reports about the server', () => {
    const { writer, seen } = setUp(1);
    for (const text of ['a', 'b', 'c']) writer.write(said(text));
    writer.write({ type: 'inspect.link', link: 'http://…' });
    writer.write({ type: 'stopping' });
    writer.write({ type: 'stopped' });
    expect(seen()).toEqual(['a', 'lost 2', 'inspect.link', 'stopping', 'stopped']);
  });

  test('has every line with --json', () => {
    const { writer, seen } = setUp(Number.POSITIVE_INFINITY);
    for (let count = 0; count < 1000; count += 1) writer.write(said('a'));
    expect(seen()).toHaveLength(1000);
  });
});

test('a report without a line does not count', () => {
  const { writer, seen } = setUp(1);
  writer.write(said(''));
  writer.write(said('a'));
  expect(seen()).toEqual(['a']);
});

test('a slow reader makes us keep a bounded number of bytes', () => {
  const { writer, stream } = setUp(Number.POSITIVE_INFINITY);
  const text = 'x'.repeat(64 * 1024);
  for (let count = 0; count < 100; count += 1) writer.write(said(text));
  expect(stream.writableLength).toBeLessThan(MAX_UNREAD_BYTES + 2 * text.length);
});

test('nothing is written to a closed stream', () => {
  const { writer, stream } = setUp(1);
  stream.destroy();
  expect(() => writer.write(said('a'))).not.toThrow();
});
