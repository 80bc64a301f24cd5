/** Where a socket is: an address and a port. */

/** An address as text, and a port; `host` is an IP literal without brackets. */
export type Endpoint = { readonly host: string; readonly port: number };

/** `host:port`, with brackets around IPv6. */
export const formatEndpoint = ({ host, port }: Endpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
