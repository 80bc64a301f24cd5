/** A router on loopback that speaks UPnP, well or badly: its search by UDP, its description and its service by HTTP. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { LOOPBACK } from './loopback.ts';
import { udpServer } from './udp-server.ts';

const SERVICES = {
  ppp: 'urn:schemas-upnp-org:service:WANPPPConnection:1',
  ip1: 'urn:schemas-upnp-org:service:WANIPConnection:1',
  ip2: 'urn:schemas-upnp-org:service:WANIPConnection:2',
} as const;

type Mapping = {
  readonly client: string;
  readonly port: number;
  /** In s. */
  readonly lifetime: number;
};

type Manner = {
  readonly service: keyof typeof SERVICES;
  readonly externalHost: string;
  readonly hasNat: boolean;
  /** Where the answer to the search says that the description is; the real place without it. */
  readonly location: string | null;
  /** What stands before `controlURL`. */
  readonly control: string;
  /** The error code with which an action is refused, by action. */
  readonly refusals: Readonly<Record<string, number>>;
  /** External ports that another device has. */
  readonly taken: readonly number[];
  /** Mappings with an end are refused. */
  readonly isPermanentOnly: boolean;
  /** Takes over an HTTP answer; true when it did. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export type FakeIgd = {
  readonly searchAddress: Endpoint;
  /** Of its HTTP server. */
  readonly port: number;
  /** By protocol and external port, such as `TCP 30303`. */
  readonly mappings: ReadonlyMap<string, Mapping>;
  /** Paths and actions of the HTTP requests, in order. */
  readonly requests: readonly string[];
  /** Resolves when so many HTTP requests have arrived. */
  requested(count: number): Promise<void>;
  set(change: Partial<Manner>): void;
};

export async function fakeIgd(given: Partial<Manner> = {}): Promise<FakeIgd> {
  let manner: Manner = {
    ...{ service: 'ip1', externalHost: '93.184.216.34', hasNat: true, location: null },
    ...{ control: '', refusals: {}, taken: [], isPermanentOnly: false },
    answer: () => false,
    ...given,
  };
  const mappings = new Map<string, Mapping>();
  const requests: string[] = [];
  let notify = (): void => {};

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [, action = ''] = /#(\w+)"/.exec(String(request.headers['soapaction'] ?? '')) ?? [];
      requests.push(action || (request.url ?? ''));
      if (!manner.answer(request, response)) {
        if (action === '') response.end(description(manner));
        else answerAction(action, Buffer.concat(chunks).toString(), response);
      }
      notify();
    });
  });
  const answerAction = (action: string, body: string, response: ServerResponse): void => {
    const value = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(body)?.[1] ?? '';
    const type = SERVICES[manner.service];
    const external = Number(value('NewExternalPort'));
    const isAdding = action.startsWith('Add');
    const hasEnd = Number(value('NewLeaseDuration')) !== 0;
    const addingRefusal = manner.taken.includes(external)
      ? 718
      : manner.isPermanentOnly && hasEnd
        ? 725
        : undefined;
    const code = manner.refusals[action] ?? (isAdding ? addingRefusal : undefined);
    const envelope = (inner: string): string =>
      `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`;
    if (code !== undefined) {
      response.statusCode = 500;
      response.end(
        envelope(
          `<s:Fault><detail><UPnPError><errorCode>${code}</errorCode><errorDescription>no</errorDescription></UPnPError></detail></s:Fault>`,
        ),
      );
      return;
    }
    const key = `${value('NewProtocol')} ${external}`;
    if (isAdding)
      mappings.set(key, {
        client: value('NewInternalClient'),
        port: Number(value('NewInternalPort')),
        lifetime: Number(value('NewLeaseDuration')),
      });
    if (action === 'DeletePortMapping') mappings.delete(key);
    const values: Readonly<Record<string, string>> = {
      GetNATRSIPStatus: `<NewNATEnabled>${manner.hasNat ? 1 : 0}</NewNATEnabled>`,
      GetExternalIPAddress: `<NewExternalIPAddress>${manner.externalHost}</NewExternalIPAddress>`,
      AddAnyPortMapping: `<NewReservedPort>${external}</NewReservedPort>`,
    };
    response.end(
      envelope(
        `<u:${action}Response xmlns:u="${type}">${values[action] ?? ''}</u:${action}Response>`,
      ),
    );
  };
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const search = await udpServer((bytes) => {
    const [, device] = /\r\nST: (.*)\r\n/.exec(Buffer.from(bytes).toString()) ?? [];
    if (!device?.endsWith(manner.service === 'ip2' ? ':2' : ':1')) return [];
    const location = manner.location ?? `http://${LOOPBACK}:${port}/root.xml`;
    return [Buffer.from(`HTTP/1.1 200 OK\r\nST: ${device}\r\nLocation: ${location}\r\n\r\n`)];
  });
  return {
    ...{ port, mappings, requests, searchAddress: search.address },
    requested: (count) =>
      new Promise((resolve) => {
        notify = () => {
          if (requests.length >= count) resolve();
        };
        notify();
      }),
    set: (change) => {
      manner = { ...manner, ...change };
    },
  };
}

const description = ({ service, control }: Manner): string => `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><!-- a router --><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/other</controlURL></service></serviceList>
<deviceList><device><deviceList><device><serviceList><service>
<serviceType>${SERVICES[service]}</serviceType><controlURL>${control}/control?a=1&amp;b=2</controlURL>
</service></serviceList></device></deviceList></device></deviceList>
</device></root>`;
