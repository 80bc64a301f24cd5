/**
 * For `setupFiles` of Vitest: a test fails when something in it reached the process instead of the code that
 * should have handled it, or attached more listeners than it took off (R9).
 */
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, expect } from 'vitest';

const problems: string[] = [];

const onUncaught = (error: unknown): void => void problems.push(`uncaught: ${error}`);
const onUnhandled = (): void => void problems.push('a promise rejection was not handled');
const onWarning = ({ name, message }: Error): void => {
  if (name === 'MaxListenersExceededWarning') problems.push(`${name}: ${message}`);
};

process
  .on('uncaughtExceptionMonitor', onUncaught)
  .on('unhandledRejection', onUnhandled)
  .on('warning', onWarning);

afterEach(async () => {
  await setImmediate(); // what is unhandled is known a turn later
  expect(problems.splice(0)).toEqual([]);
});

afterAll(() => {
  process
    .off('uncaughtExceptionMonitor', onUncaught)
    .off('unhandledRejection', onUnhandled)
    .off('warning', onWarning);
});
