/**
 * The gateway of our network as an actor: finds it and makes one call at a time, each within a time limit. Only an
 * external address that is public is reported as one.
 */
import { fromCallback } from 'xstate';

import type { FindGateway, Gateway } from '../nat/gateway.ts';
import type { Clock } from '../process/clock.ts';
import { thrownText } from '../process/thrown.ts';
import { isCandidateHost, isLoopbackAddress, parseIp, plainHost } from '../wire/ip-address.ts';
import type { GatewayCommand, GatewayEvent } from './gateway-commands.ts';

/** Longest call, in ms. Less than a fifth of what the chart waits. Ours: go-ethereum waits for some 20 s. */
export const CALL_LIMIT_MS = 10_000;

/** Longest text of an error that is passed on, in UTF-16 units. */
const MAX_MESSAGE_CHARS = 200;

type Call = Exclude<GatewayCommand, { type: 'abort' }>;

export const gatewayActor = (find: FindGateway, clock: Clock) =>
  fromCallback<GatewayCommand>(({ sendBack, receive }) => {
    let gateway: Gateway | null = null;
    let calls = new AbortController();
    let last: Promise<void> = Promise.resolve();

    const answer = async (call: Call, signal: AbortSignal): Promise<GatewayEvent> => {
      if (call.type === 'search') {
        gateway = await find(signal);
        return { type: 'gateway.found', name: gateway.name, host: gateway.host };
      }
      if (!gateway) throw new Error('no gateway is found');
      if (call.type === 'askAddress') return addressEvent(await gateway.externalHost(signal));
      const { protocol, port } = call;
      if (call.type === 'unmap') {
        await gateway.unmap(call, signal);
        return { type: 'unmap.ended', protocol };
      }
      if (!gateway.mapsPorts) return { type: 'map.notSupported', protocol };
      if (isLoopbackAddress(call.host) && !isLoopbackAddress(gateway.host ?? ''))
        return { type: 'map.loopback', protocol };
      const externalPort = await gateway.map(call, signal);
      return { type: 'map.done', protocol, port, externalPort };
    };
    const make = async (call: Call, aborted: AbortSignal): Promise<void> => {
      if (aborted.aborted) return;
      const event = await withLimit((signal) => answer(call, signal), clock, aborted).catch(
        (error: unknown) => failureOf(call, messageOf(error)),
      );
      if (!aborted.aborted) sendBack(event);
    };
    receive((command) => {
      if (command.type === 'abort') {
        calls.abort();
        calls = new AbortController();
        last = Promise.resolve();
        return;
      }
      const { signal } = calls;
      last = last.then(() => make(command, signal));
    });
    return () => calls.abort();
  });

function addressEvent(host: string): GatewayEvent {
  const plain = plainHost(host);
  if (!isCandidateHost(plain, false)) return { type: 'address.notPublic', host: plain };
  const isIpv4 = parseIp(plain)?.kind() === 'ipv4';
  return {
    type: 'address.found',
    hosts: isIpv4 ? { ipv4: plain, ipv6: null } : { ipv4: null, ipv6: plain },
  };
}

function failureOf(call: Call, message: string): GatewayEvent {
  switch (call.type) {
    case 'search':
      return { type: 'gateway.notFound', message };
    case 'askAddress':
      return { type: 'address.failed', message };
    case 'map':
      return { type: 'map.failed', protocol: call.protocol, message };
    case 'unmap':
      return { type: 'unmap.ended', protocol: call.protocol };
  }
}

/** Rejects after the limit, also when the call goes on. */
function withLimit<Value>(
  run: (signal: AbortSignal) => Promise<Value>,
  clock: Clock,
  aborted: AbortSignal,
): Promise<Value> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      stop();
      reject(new Error(`no answer within ${CALL_LIMIT_MS / 1_000} s`));
    }, CALL_LIMIT_MS);
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      stop();
      reject(new Error('cancelled'));
    };
    aborted.addEventListener('abort', onAbort);
    const end = (): void => {
      clock.clearTimeout(timer);
      aborted.removeEventListener('abort', onAbort);
    };
    run(limit.signal).finally(end).then(resolve, reject);
  });
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : thrownText(error)).slice(0, MAX_MESSAGE_CHARS);
