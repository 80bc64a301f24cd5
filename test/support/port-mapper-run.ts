/** A port mapper whose gateway the test drives. */
import type { GatewayEvent } from '../../src/io/adapters/gateway-commands.ts';
import type { MappedProtocol } from '../../src/io/nat/gateway.ts';
import {
  type PortMapperEvent,
  portMapperMachine,
} from '../../src/machines/discovery/port-mapper.ts';
import { fakeGateway } from '../../src/testing/machine/fake-adapters.ts';
import { runChild } from './run-machine.ts';

export const OUTSIDE_HOST = '198.51.100.7';

export const FOUND: GatewayEvent = {
  type: 'gateway.found',
  name: 'UPnP (IGDv1)',
  host: '192.168.1.1',
};

export const bound = (protocol: MappedProtocol, port = 30_303, host = '0.0.0.0') =>
  ({ type: 'port.bound', protocol, address: { host, port } }) as const satisfies PortMapperEvent;

export const addressFound = (ipv4: string | null = OUTSIDE_HOST, ipv6: string | null = null) =>
  ({ type: 'address.found', hosts: { ipv4, ipv6 } }) as const satisfies GatewayEvent;

export const mapDone = (protocol: MappedProtocol, externalPort = 30_303, port = 30_303) =>
  ({ type: 'map.done', protocol, port, externalPort }) as const satisfies GatewayEvent;

export const mapFailed = (protocol: MappedProtocol, message = 'no') =>
  ({ type: 'map.failed', protocol, message }) as const satisfies GatewayEvent;

export function runPortMapper() {
  let address: GatewayEvent | null = null;
  const gateway: ReturnType<typeof fakeGateway> = fakeGateway(({ type }) => {
    if (type === 'askAddress' && address) gateway.report(address);
  });
  const machine = portMapperMachine.provide({ actors: { gateway: gateway.logic } });
  const run = runChild(machine, { mechanism: 'any' });
  return {
    ...run,
    gateway,
    /** From now on questions for the address are answered with it, or not at all. */
    answerAddress: (answer: GatewayEvent | null): void => {
      address = answer;
    },
    /** States of the regions of `serving` or `closing`. */
    regions: (): Readonly<Record<string, string>> => {
      const { value } = run.actor.getSnapshot();
      const regions = typeof value === 'string' ? {} : Object.values(value)[0];
      return regions as Readonly<Record<string, string>>;
    },
    /** The commands since the last call. */
    commands: (() => {
      let seen = 0;
      return () => {
        const news = gateway.commands.slice(seen);
        seen = gateway.commands.length;
        return news;
      };
    })(),
  };
}

/** One that has a gateway with a public address. */
export function runPortMapperToServing(...protocols: readonly MappedProtocol[]) {
  const run = runPortMapper();
  run.answerAddress(addressFound());
  run.gateway.report(FOUND);
  for (const protocol of protocols) run.send(bound(protocol));
  run.commands();
  return run;
}

/** One whose ports are mapped. */
export function runPortMapperToMapped(...protocols: readonly MappedProtocol[]) {
  const run = runPortMapperToServing(...protocols);
  for (const protocol of protocols) run.gateway.report(mapDone(protocol));
  return run;
}
