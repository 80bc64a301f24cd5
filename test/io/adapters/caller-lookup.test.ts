import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { NonReducibleUnknown } from 'xstate';
import {
  type CallerLookupCommand,
  type CallerLookupEvent,
  callerLookup,
} from '../../../src/io/adapters/caller-lookup.ts';
import { byteStream } from '../../../src/io/link/byte-stream.ts';
import { type NetRestrict, parseNetRestrict } from '../../../src/io/wire/ip-address.ts';
import { runAdapter } from '../../support/reports.ts';
import { StepClock } from '../../support/step-clock.ts';

const LOCAL = { host: '192.0.2.1', port: 30303 };
const streamFrom = (host: string) => byteStream(new PassThrough(), { host, port: 7 }, LOCAL);

test.for<[host: string, source: string | null, isLan: boolean, isRestricted: boolean]>([
  ['198.51.100.7', '198.51.100.7', false, false],
  ['203.0.113.7', '203.0.113.7', false, true],
  ['::ffff:198.51.100.7', '198.51.100.7', false, false],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64', false, false],
  ['10.0.0.1', '10.0.0.1', true, true],
  ['127.0.0.1', '127.0.0.1', true, true],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', true, true],
  ['', null, false, false],
  ['a pipe', null, false, false],
])('sees in %s: %s, LAN %s, restricted %s', ([host, source, isLan, isRestricted]) => {
  const { look, reports } = start(parseNetRestrict(['198.51.100.0/24', '2001:db8::/32']));
  const stream = look(host);
  expect(reports.all).toEqual([
    { type: 'caller.seen', stream, caller: { at: 0, source, isLan, isRestricted } },
  ]);
});

test('adds the time on the given clock', () => {
  const { look, reports, clock } = start(() => true);
  look('198.51.100.7');
  clock.advance(1_234);
  look('198.51.100.7');
  expect(reports.of('caller.seen').map(({ caller }) => caller.at)).toEqual([0, 1_234]);
});

test('answers once each, in order, and leaves the streams alone', () => {
  const { look, reports } = start(() => true);
  const streams = ['198.51.100.7', '198.51.100.8'].map(look);
  expect(reports.of('caller.seen').map(({ stream }) => stream)).toEqual(streams);
  for (const { duplex } of streams) expect(duplex.destroyed).toBe(false);
});

function start(netRestrict: NetRestrict) {
  const clock = new StepClock();
  const { reports, send } = runAdapter<CallerLookupEvent, CallerLookupCommand, NonReducibleUnknown>(
    callerLookup(clock, netRestrict),
    undefined,
  );
  const look = (host: string) => {
    const stream = streamFrom(host);
    send({ type: 'look.up', stream });
    return stream;
  };
  return { clock, reports, look };
}
