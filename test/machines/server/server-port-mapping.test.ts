import { describe, expect, test } from 'vitest';

import { PORT_MAPPING_TIMEOUT_MS } from '../../../src/machines/server/server-setup.ts';
import {
  address,
  bound,
  discoveryAsked,
  discoveryReady,
  listenerDone,
  partBroke,
  portMappingDone,
  ready,
  runServer,
  runServerTo,
} from '../../support/server-run.ts';

const portMapping = { mechanism: 'any' };

describe('the start', () => {
  test('begins the port mapper after the local node, and waits for nothing of it', () => {
    const run = runServer({ portMapping });
    run.send({ type: 'start' });
    expect(run.parts()).toMatchObject({ portMapping: 'absent' });
    run.localNode.report(ready);
    expect(run.portMapping.inputs).toEqual([portMapping]);
    expect(run.state()).toBe('starting.listening');
    expect(run.phases()).toContain('starting.portMapping');
  });

  test('without ports to map begins none', () => {
    const run = runServerTo('running');
    expect(run.parts()).toMatchObject({ portMapping: 'absent' });
    expect(run.portMapping.inputs).toEqual([]);
  });

  test('tells it where we listen', () => {
    const run = runServerTo('starting.discovery', { portMapping });
    const udp = { ...address, port: 9 };
    run.discovery.report({ ...discoveryReady, address: udp });
    expect(run.portMapping.commands).toEqual([
      { type: 'port.bound', protocol: 'tcp', address },
      { type: 'port.bound', protocol: 'udp', address: udp },
    ]);
    run.listener.report(bound); // again, after it was lost
    expect(run.portMapping.commands.at(-1)).toMatchObject({ type: 'port.bound', protocol: 'tcp' });
  });

  test('does not fail with it', () => {
    const run = runServer({ portMapping, discovery: discoveryAsked });
    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.send(partBroke.portMapping);
    expect(run.parts()).toMatchObject({ portMapping: 'gone' });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'part.lost', part: 'portMapping' });
    run.listener.report(bound);
    expect(run.state()).toBe('starting.discovery');
    expect(run.portMapping.commands).toEqual([]);
  });
});

test('what it reports goes into the record, and what is wrong to the log', () => {
  const run = runServerTo('running', { portMapping });
  const changed = {
    type: 'external.changed',
    hosts: { ipv4: '198.51.100.7', ipv6: null },
  } as const;
  const mapped = { type: 'port.mapped', protocol: 'tcp', port: 40_303 } as const;
  run.portMapping.report(changed);
  run.portMapping.report(mapped);
  expect(run.localNode.commands.slice(-2)).toEqual([changed, mapped]);
  run.portMapping.report({ type: 'gateway.faulted', message: 'silence' });
  expect(run.emitted.at(-1)).toEqual({ type: 'gateway.faulted', message: 'silence' });
});

describe('the stop', () => {
  test('waits for it after the listener and before the local node', () => {
    const run = runServerTo('running', { portMapping });
    run.send({ type: 'stop' });
    expect(run.portMapping.commands.at(-1)).toEqual({ type: 'close' });
    run.send({
      type: 'xstate.done.actor.dialScheduler',
      output: undefined,
      actorId: 'dialScheduler',
    });
    run.listener.report(listenerDone);
    expect(run.state()).toBe('stopping.portMapping');
    run.portMapping.report(portMappingDone);
    expect(run.state()).toBe('stopped');
  });

  test('of a start that failed closes it', () => {
    const run = runServerTo('starting.listening', { portMapping });
    run.listener.report({ type: 'listener.failed', message: 'EADDRINUSE' });
    expect([run.state(), run.portMapping.commands]).toEqual([
      'rollingBack.portMapping',
      [{ type: 'close' }],
    ]);
    run.portMapping.report(portMappingDone);
    expect(run.state()).toBe('idle');
  });

  test('of a start that failed waits for it for 3 s', () => {
    const run = runServerTo('rollingBack.listening', { portMapping });
    run.listener.report(listenerDone);
    expect(run.state()).toBe('rollingBack.portMapping');
    run.clock.advance(PORT_MAPPING_TIMEOUT_MS - 1);
    expect(run.state()).toBe('rollingBack.portMapping');
    run.clock.advance(1);
    expect(run.state()).toBe('idle');
  });
});
