/** What `run --publish` sends to a NATS server: the events of the node, without links, messages and paths. */
import { unixTimeMs } from '../io/process/wall-time.ts';
import type { EventPublisher } from '../jetstream/event-publisher.ts';
import { openJetStream, parseJetStreamUrl } from '../jetstream/jetstream.ts';
import type { RunReport } from './report.ts';

/** Reports that are events of the lifecycle. Links of the inspector are secrets; messages are payloads. */
const PUBLISHED = {
  started: true,
  'inspect.link': false,
  'peer.added': true,
  'peer.dropped': true,
  'connection.ended': true,
  'dial.failed': true,
  'static.heldBack': true,
  message: false,
  'part.lost': true,
  'part.restored': true,
  'reports.lost': false,
  stopping: true,
  stopped: true,
} as const satisfies Readonly<Record<RunReport['type'], boolean>>;

/** @returns The event to publish; null when the report stays here. */
export function publishedEvent(report: RunReport): object | null {
  if (!PUBLISHED[report.type]) return null;
  if (report.type !== 'started') return report;
  const { type, id, enode, enr, listening } = report;
  return { type, id, enode, enr, listening };
}

export type RunPublisher = {
  push(report: RunReport): void;
  /** Says how much was dropped. */
  close(): Promise<void>;
};

export type RunPublisherOptions = {
  readonly url: string;
  /** Id of the node. */
  readonly node: string;
  readonly wallTime: () => string;
  /** Writes a line for people. */
  readonly say: (text: string) => void;
};

/**
 * Begins to publish, in the background: a server that is not there is waited for.
 * @throws {NatsError} The URL is wrong.
 */
export async function runPublisher(options: RunPublisherOptions): Promise<RunPublisher> {
  const { node, wallTime, say } = options;
  const url = parseJetStreamUrl(options.url);
  const { EventPublisher } = await import('../jetstream/event-publisher.ts');
  const publisher: EventPublisher = new EventPublisher({
    open: (signal) => openJetStream(url, { waitsForServer: true, signal }),
    node,
    run: String(unixTimeMs()),
    onFailure: ({ message }) => say(`events are not published: ${message}`),
  });
  return {
    push: (report) => {
      const event = publishedEvent(report);
      if (event) publisher.push({ time: wallTime(), ...event });
    },
    close: async () => {
      await publisher.close();
      const { published, dropped } = publisher.counts;
      if (dropped > 0) say(`events: ${published} were published, ${dropped} were not`);
    },
  };
}
