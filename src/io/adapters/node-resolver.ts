/** What somebody answers who is asked where a node is now. Discovery does that; there is nobody by default. */

export type NodeResolverEvent =
  /** The newest known address, which may be the one that did not answer. `host` is an IP address. */
  | { readonly type: 'node.found'; readonly host: string; readonly port: number }
  | { readonly type: 'node.notFound' };
