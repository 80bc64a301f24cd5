/** Events of the actor that looks up a node's current address. Discovery provides it; by default there is none. */

export type NodeResolverEvent =
  /** The newest known address, which may be the one that did not answer. `host` is an IP address. */
  | { readonly type: 'node.found'; readonly host: string; readonly port: number }
  | { readonly type: 'node.notFound' };
