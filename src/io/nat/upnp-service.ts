/**
 * One service of a router that maps ports, called by SOAP over HTTP.
 * Sources: UPnP WANIPConnection:1 and :2, WANPPPConnection:1; go-ethereum p2p/nat/natupnp.go.
 */
import type { Clock } from '../process/clock.ts';
import { printable } from '../wire/printable.ts';
import { type BoundedResponse, boundedRequest } from './bounded-http.ts';
import { parseUrl } from './ssdp.ts';
import { elementsNamed, readXml, textNamed, type XmlElement, xmlText } from './xml.ts';

/** Services that map ports, the best first. */
export const SERVICE_TYPES = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const;

export type ServiceType = (typeof SERVICE_TYPES)[number];

/** Pause between two requests, in ms: some routers break under faster ones. Source: go-ethereum p2p/nat/natupnp.go. */
export const REQUEST_PAUSE_MS = 200;

/** Services of one description that are tried. Ours. */
const MAX_SERVICES = 8;

/** The router said no, with a code of the service. */
export class UpnpRefusal extends Error {
  readonly code: number;

  constructor(code: number, description: string) {
    super(`the router refused with ${code} (${printable(description, 80)})`);
    this.code = code;
  }
}

/** Where the services of a description are called; on the host of the description only. Best first. */
export function servicesIn(
  description: XmlElement,
  base: URL,
): readonly { readonly type: ServiceType; readonly control: URL }[] {
  const services = elementsNamed('service', description).flatMap((service) => {
    const type = SERVICE_TYPES.find((known) => known === textNamed('serviceType', service));
    const control = parseUrl(textNamed('controlURL', service) ?? '', base);
    return type && control?.protocol === 'http:' && control.hostname === base.hostname
      ? [{ type, control }]
      : [];
  });
  return services
    .sort((a, b) => SERVICE_TYPES.indexOf(a.type) - SERVICE_TYPES.indexOf(b.type))
    .slice(0, MAX_SERVICES);
}

export class UpnpService {
  readonly type: ServiceType;
  readonly #control: URL;
  readonly #clock: Clock;
  #calledAt = Number.NEGATIVE_INFINITY;

  constructor(type: ServiceType, control: URL, clock: Clock) {
    this.type = type;
    this.#control = control;
    this.#clock = clock;
  }

  /** @returns The values of the answer by name. Rejects with `UpnpRefusal` when the router says no. */
  async call(
    action: string,
    values: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
  ): Promise<(name: string) => string | null> {
    await this.#pause(signal);
    const list = Object.entries(values).map(([name, value]) => {
      return `<${name}>${xmlText(String(value))}</${name}>`;
    });
    const answer = await boundedRequest(
      {
        ...{ url: this.#control, method: 'POST' },
        headers: {
          'content-type': 'text/xml; charset="utf-8"',
          soapaction: `"${this.type}#${action}"`,
        },
        body: `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${this.type}">${list.join('')}</u:${action}></s:Body></s:Envelope>`,
      },
      this.#clock,
      signal,
    );
    return readAnswer(answer, action);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const ms = this.#calledAt + REQUEST_PAUSE_MS - this.#clock.now();
    if (ms > 0) await pause(this.#clock, ms, signal);
    this.#calledAt = this.#clock.now();
  }
}

function readAnswer({ status, body }: BoundedResponse, action: string) {
  if (status !== 200 && status !== 500) throw new Error(`the router answered with HTTP ${status}`);
  const xml = readXml(body);
  const [fault] = elementsNamed('UPnPError', xml);
  if (fault)
    throw new UpnpRefusal(
      Number(textNamed('errorCode', fault)) || 0,
      textNamed('errorDescription', fault) ?? '',
    );
  const [answer] = elementsNamed(`${action}Response`, xml);
  if (status !== 200 || !answer) throw new Error(`the router did not answer ${action}`);
  return (name: string): string | null => textNamed(name, answer);
}

/** Rejects when `signal` is aborted. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(new Error('cancelled'));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
