/** What devices of our network and STUN servers answer. The first byte says how the rest is read. */
import { readAddress, readMapping } from '../../src/io/nat/nat-pmp-message.ts';
import { readLocation } from '../../src/io/nat/ssdp.ts';
import { bindingRequest, readBindingResponse } from '../../src/io/nat/stun-message.ts';
import { servicesIn } from '../../src/io/nat/upnp-service.ts';
import { readXml, type XmlElement } from '../../src/io/nat/xml.ts';
import { parseIp } from '../../src/io/wire/ip-address.ts';
import { demand, demandEqual, type Target, textBytes, textOf } from './target.ts';

const LOCATION = 0;
const DESCRIPTION = 1;
const STUN = 2;

const DEVICE = '192.168.1.1';
const BASE = new URL(`http://${DEVICE}:5000/description.xml`);
const TRANSACTION = new Uint8Array(12).fill(7);

const ANSWER = 'HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:5000/description.xml\r\n\r\n';
const ROUTER = `<?xml version="1.0"?><root xmlns="urn:x"><device><!-- a --><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/control?a&amp;b</controlURL>
</service></serviceList><empty/><![CDATA[<]]></device></root>`;

export const nat: Target = {
  name: 'nat',
  maxBytes: 4_200,
  words: ['LOCATION: http://', '<service>', '</service>', '<!DOCTYPE', '&amp;', '<![CDATA[']
    .map(textBytes)
    .concat(Uint8Array.of(0, 0x20, 0, 8, 0, 1)),
  seeds() {
    const seen = bindingRequest(TRANSACTION);
    return [
      [LOCATION, ...textBytes(ANSWER)],
      [DESCRIPTION, ...textBytes(ROUTER)],
      [STUN, 1, 1, 0, 12, ...seen.subarray(4), 0, 0x20, 0, 8, 0, 1, 1, 2, 3, 4, 5, 6],
      [3, 0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, 5],
      [3, 0, 130, 0, 0, 0, 0, 0, 1, 0x76, 0x5f, 0x76, 0x5f, 0, 0, 2, 88],
    ].map((bytes) => Uint8Array.from(bytes));
  },
  run(input) {
    const bytes = input.subarray(1);
    if (input[0] === LOCATION) return location(bytes);
    if (input[0] === DESCRIPTION) return description(textOf(bytes));
    if (input[0] === STUN) return external(readBindingResponse(bytes, TRANSACTION));
    return pmp(bytes);
  },
};

function location(bytes: Uint8Array) {
  const url = readLocation(bytes, DEVICE);
  if (!url) return null;
  demandEqual(url.protocol, 'http:', 'a description is fetched by HTTP');
  demand(/^192\.168\.1\.\d+$/.test(url.hostname), 'and from the network of the device');
  return url;
}

function description(text: string) {
  let xml: XmlElement;
  try {
    xml = readXml(text);
  } catch (error) {
    demand(/^the XML /.test((error as Error).message), 'what is wrong with it is said');
    return null;
  }
  const services = servicesIn(xml, BASE);
  demand(services.length <= 8, 'few services are tried');
  for (const { control } of services)
    demandEqual(control.hostname, DEVICE, 'a service is called on the host of its description');
  return xml;
}

function external(host: string | null) {
  demand(host === null || parseIp(host) !== null, 'an external address is an address');
  return host;
}

function pmp(bytes: Uint8Array) {
  const address = readAddress(bytes);
  if (address && 'host' in address) external(address.host);
  return [address, readMapping(bytes, 'tcp', 30_303)];
}
