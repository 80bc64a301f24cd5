/** `peerchart why`: would this node be our peer, and if not, why not. One dial, watched phase by phase. */
import type { Enode } from '../io/crypto/enode.ts';
import type { Capability } from '../io/wire/hello.ts';
import type { Ports } from '../options.ts';
import type { Protocol } from '../protocol.ts';
import { coloured, plain } from './human-line.ts';
import { probe } from './probe.ts';
import type { Terminal } from './terminal.ts';
import { whyLines, whyReport } from './why-report.ts';

/** How long they have to keep us, in ms. Ours: less than the 5 s that go-ethereum waits for the Status of eth. */
const KEEP_MS = 3_000;

/** Room for whatever they say: it is counted and not read. Ours; eth/69 has 18 codes. */
const CODES = 64;

/** What we offer unless told: what an Ethereum node of today speaks. */
const OFFER: readonly Capability[] = [68, 69, 70].map((version) => ({ name: 'eth', version }));

export type WhyOptions = {
  readonly json?: boolean;
  /** In seconds, for all of it; every step has a deadline of its own as well. */
  readonly timeout: number;
  /** Capabilities for our Hello. */
  readonly offer?: readonly Capability[];
};

/** @returns 0 when they would be our peer, 1 otherwise. */
export async function why(
  enode: Enode,
  { json, timeout, offer = OFFER }: WhyOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  let heard = 0;
  const protocols = offer.map((capability) =>
    listening(capability, () => {
      heard += 1;
    }),
  );
  const result = await probe({ enode, timeout, protocols, keepMs: KEEP_MS }, terminal, ports);
  const report = whyReport(result, { enode, timeout, keepMs: KEEP_MS, heard });
  const text = json
    ? JSON.stringify(report)
    : whyLines(report, terminal.hasColours ? coloured : plain);
  terminal.stdout.write(`${text}\n`);
  return report.isPeer ? 0 : 1;
}

/** Speaks nothing and takes everything. */
const listening = ({ name, version }: Capability, onMessage: () => void): Protocol => ({
  name,
  version,
  length: CODES,
  async run(_, port) {
    for await (const _message of port) onMessage();
  },
});
