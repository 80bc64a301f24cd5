/** What a dial scheduler starts with in tests: no bootnodes, no candidates, no restriction. */
import type { DialRules } from '../../src/machines/dialing/dial-check.ts';
import { dialGenerator } from '../../src/machines/dialing/dial-generator.ts';
import type { DialSchedulerInput } from '../../src/machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';

export const target = (id: string): DialTarget => ({
  id,
  publicKey: 'ab'.repeat(64),
  host: '192.0.2.1',
  hostKind: 'ipv4',
  tcpPort: 30303,
});

const anywhere = (): boolean => true;

/** Two places for peers of our own dials, four dials at once. */
export const dialRules = (overrides: Partial<DialRules> = {}): DialRules => ({
  self: 'us',
  maxDialed: 2,
  maxActive: 4,
  isStaticExempt: false,
  canResolve: false,
  backsOff: true,
  maxInbound: 2,
  churns: false,
  isInNetRestrict: anywhere,
  isCandidateHost: anywhere,
  ...overrides,
});

export type DialOverrides = Partial<Omit<DialSchedulerInput, 'rules'>> & {
  readonly rules?: Partial<DialRules>;
};

export const dialInput = ({ rules, ...rest }: DialOverrides = {}): DialSchedulerInput => ({
  rules: dialRules(rules),
  generator: dialGenerator,
  statics: [],
  bootnodes: [],
  hasCandidates: false,
  trusted: [],
  seed: 1,
  ...rest,
});
