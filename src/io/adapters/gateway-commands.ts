/** What the chart `port-mapper` tells the gateway of our network, and what the gateway reports to it. */
import type { MappedProtocol, MappingRequest } from '../nat/gateway.ts';

/** Each is answered once, also when it fails, except `abort`. */
export type GatewayCommand =
  /** Look for a gateway; answered by `gateway.…`. */
  | { readonly type: 'search' }
  /** Answered by `address.…`. */
  | { readonly type: 'askAddress' }
  /** Map the port, or renew its mapping; answered by `map.…`. */
  | ({ readonly type: 'map' } & MappingRequest)
  /** Delete the mapping; answered by `unmap.ended`. */
  | {
      readonly type: 'unmap';
      readonly protocol: MappedProtocol;
      readonly port: number;
      readonly externalPort: number;
    }
  /** Forget every call before this one. None of them is answered any more. */
  | { readonly type: 'abort' };

export type GatewayEvent =
  /** `host`: the address of the gateway; null when none in our network is used. */
  | { readonly type: 'gateway.found'; readonly name: string; readonly host: string | null }
  | { readonly type: 'gateway.notFound'; readonly message: string }
  /** Null: no address of this family. */
  | {
      readonly type: 'address.found';
      readonly hosts: { readonly ipv4: string | null; readonly ipv6: string | null };
    }
  /** The gateway stands behind another one. */
  | { readonly type: 'address.notPublic'; readonly host: string }
  | { readonly type: 'address.failed'; readonly message: string }
  | {
      readonly type: 'map.done';
      readonly protocol: MappedProtocol;
      readonly port: number;
      readonly externalPort: number;
    }
  /** This mechanism maps no ports. */
  | { readonly type: 'map.notSupported'; readonly protocol: MappedProtocol }
  /** The port is bound to a loopback address, which the gateway does not reach. */
  | { readonly type: 'map.loopback'; readonly protocol: MappedProtocol }
  | { readonly type: 'map.failed'; readonly protocol: MappedProtocol; readonly message: string }
  | { readonly type: 'unmap.ended'; readonly protocol: MappedProtocol };
