/**
 * For `setupFiles` of Vitest: a test fails when something in it reached the process instead of whoever should have
 * handled it, or attached more listeners than it took off (R9).
 */
import { afterEach, expect } from 'vitest';

const problems: string[] = [];

process
  .on('uncaughtExceptionMonitor', (error) => problems.push(`uncaught: ${error}`))
  .on('unhandledRejection', (reason) => problems.push(`unhandled rejection: ${reason}`))
  .on('warning', ({ name, message }) => {
    if (name === 'MaxListenersExceededWarning') problems.push(`${name}: ${message}`);
  });

afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve)); // what is unhandled is known a turn later
  expect(problems.splice(0)).toEqual([]);
});
