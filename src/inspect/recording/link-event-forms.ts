/** Forms of the events of connections: reports of a link, and endings. See `form.ts`. */
import type { ByteStream } from '../../io/link/byte-stream.ts';
import type { Link } from '../../io/link/link.ts';
import type { PeerLinkEvent, SetupLinkEvent } from '../../io/link/link-events.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import type { Capability, Hello } from '../../io/wire/hello.ts';
import type { PeerOutput } from '../../machines/peer/peer.ts';
import {
  type Cases,
  clientName,
  endpoint,
  type Form,
  FormError,
  facts,
  handle,
  list,
  nodeId,
  nullable,
  number,
  optional,
  publicKey,
  record,
  text,
  word,
} from './form.ts';

export const inert = (name: string): object => Object.freeze({ toJSON: () => ({ $: name }) });

export const link: Form<Link> = handle('link', inert('link') as Link);

/** Only the remote endpoint is written, to be shown. */
export const stream: Form<ByteStream> = {
  write: ({ remote }, writing) => ({ $: 'stream', remote: endpoint.write(remote, writing) }),
  read: (json, reading) => {
    const { $, remote } = streamFields.read(json, reading);
    if ($ !== 'stream') throw new FormError('expected a stream');
    return { ...inert('stream'), remote, local: remote, destroy: () => {} } as ByteStream;
  },
};

const streamFields = record<{ readonly $: string; readonly remote: Endpoint }>({
  $: word(),
  remote: endpoint,
});

const version = number;

export const capabilities: Form<readonly Capability[]> = list(
  record<Capability>({ name: text, version }),
);

const hello: Form<Hello> = record<Hello>({
  version,
  client: clientName,
  capabilities,
  listenPort: number,
  publicKey,
});

const ANY_TIME: Cases<Extract<SetupLinkEvent, PeerLinkEvent>> = {
  'disconnect.received': { reason: word(), code: nullable(number) },
  'link.garbled': { fault: word(), detail: text },
  'link.stalled': { unsentBytes: number, stalledMs: optional(number) },
  'link.closed': { how: word(), detail: text },
  'link.faulted': { message: text },
};

export const SETUP_LINK: Cases<SetupLinkEvent> = {
  ...ANY_TIME,
  'auth.sent': {},
  'auth.queued': {},
  'handshakes.full': { waiting: number },
  'auth.received': { publicKey, id: nodeId },
  'ack.sent': {},
  'ack.received': { publicKey, id: nodeId },
  'hello.received': { hello },
  'message.unexpected': { code: number },
};

export const PEER_LINK: Cases<PeerLinkEvent> = {
  ...ANY_TIME,
  'pong.received': { afterMs: optional(number) },
  'pong.deferred': {},
  'pong.overdue': { silentMs: optional(number) },
  'link.silent': { silentMs: optional(number) },
  'ping.flooded': {},
  'hello.repeated': {},
  'message.unroutable': { code: number },
  'handler.stalled': { protocol: word() },
};

export const peerOutput: Form<PeerOutput> = record<PeerOutput>({
  outcome: word(),
  state: word(),
  facts,
  abandoned: list(word()),
});
