/**
 * The search for routers: a datagram to everyone in our network, and which of the answers may be followed.
 * Source: UPnP Device Architecture 1.1, 1.3.
 */
import { bytesOfHost, isLan, parseIp } from '../wire/ip-address.ts';

/** Answers that are longer are not read. Ours. */
const MAX_RESPONSE_BYTES = 4_096;

/** Bytes of an IPv4 address that have to be those of the device that answered. */
const NETWORK_BYTES = 3;

/** Both versions of an Internet Gateway Device. */
const DEVICES = [1, 2].map(
  (version) => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`,
);

export const SEARCHES: readonly Uint8Array[] = DEVICES.map((device) =>
  new TextEncoder().encode(
    [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 2',
      `ST: ${device}`,
      '',
      '',
    ].join('\r\n'),
  ),
);

/**
 * Where a device that answered is described. Null when the datagram is no answer, or names a place outside of the network of
 * the device: others in our network must not make us send requests to anywhere.
 *
 * @param from Address of the device that answered.
 */
export function readLocation(bytes: Uint8Array, from: string): URL | null {
  if (bytes.length > MAX_RESPONSE_BYTES) return null;
  const [status = '', ...lines] = new TextDecoder().decode(bytes).split('\r\n');
  if (!/^HTTP\/1\.[01] 200\b/.test(status)) return null;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).trim().toLowerCase() !== 'location') continue;
    const url = parseUrl(line.slice(colon + 1).trim());
    return url && isNear(url, from) ? url : null;
  }
  return null;
}

/** Null when it is none. */
export const parseUrl = (text: string, base?: URL): URL | null =>
  URL.canParse(text, base?.href) ? new URL(text, base) : null;

/** Whether the host of an `http:` URL is an IPv4 address of the same /24 as `from`, which has to be one of the LAN. */
function isNear(url: URL, from: string): boolean {
  if (url.protocol !== 'http:' || url.username !== '' || url.password !== '') return false;
  const [device, host] = [parseIp(from), parseIp(url.hostname)];
  if (device?.kind() !== 'ipv4' || host?.kind() !== 'ipv4' || !isLan(device)) return false;
  const [a, b] = [bytesOfHost(from), bytesOfHost(url.hostname)];
  return a.subarray(0, NETWORK_BYTES).every((byte, index) => byte === b[index]);
}
