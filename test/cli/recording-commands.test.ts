import { expect, test } from 'vitest';
import { tryOut } from './try-out.ts';

test.for(['replay', 'inspect'])(
  '%s of a file that cannot be read has the exit code 2',
  async (command) => {
    const { code, errors } = await tryOut([command, '/nonexistent/run.jsonl']);
    expect([code, errors]).toEqual([2, expect.stringMatching(/^peerchart: .*\n$/)]);
  },
);
