/** A thread of the fuzzer: one target, then its report. The thread that started it watches the time. */
import { parentPort, workerData } from 'node:worker_threads';

import { BlockCoverage } from './block-coverage.ts';
import { Campaign, type Report } from './campaign.ts';
import { TARGETS } from './targets.ts';

export type Order = {
  readonly target: string;
  readonly ms: number;
  readonly seed: number;
  /** The input that is being tried: how many there were, its length, its bytes. */
  readonly current: SharedArrayBuffer;
};

/** Before the bytes of the input: two numbers of 32 bits. */
export const CURRENT_BYTES_AT = 8;

export type Outcome = { readonly report: Report; readonly inputs: Campaign['inputs'] };

if (parentPort) await work(workerData as Order, parentPort.postMessage.bind(parentPort));

async function work(order: Order, answer: (outcome: Outcome) => void): Promise<void> {
  const { target: name, ms, seed, current } = order;
  const target = TARGETS.find((one) => one.name === name);
  if (!target) throw new Error(`no target is called ${name}`);
  const words = new Int32Array(current, 0, 2);
  const bytes = new Uint8Array(current, CURRENT_BYTES_AT);
  const campaign = new Campaign(target, new BlockCoverage(), seed, {
    now: () => performance.now(),
    onInput(input) {
      bytes.set(input.subarray(0, bytes.length));
      words[1] = input.length;
      words[0]! += 1;
    },
  });
  const report = await campaign.run(ms);
  answer({ report, inputs: campaign.inputs });
}
