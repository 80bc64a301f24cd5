/** The address and port of one end of a socket. */

/** `host` is an IP literal without brackets. */
export type Endpoint = { readonly host: string; readonly port: number };

/** `host:port`, with brackets around IPv6. */
export const formatEndpoint = ({ host, port }: Endpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
