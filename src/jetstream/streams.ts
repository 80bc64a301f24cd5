/** Streams and consumers of JetStream: made when they are missing, and left as they are when an operator has changed them. */
import type { Consumer, ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import type { JetStream } from './jetstream.ts';

/** Error codes of nats-server: `server/errors.json`. */
const STREAM_NAME_IN_USE = 10058;
const CONSUMER_NOT_FOUND = 10014;
const STREAM_FULL = 10077;
const WRONG_LAST_SEQUENCE = 10071;

export type StreamShape = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

export function ensureStream(jetStream: JetStream, config: StreamShape): Promise<void> {
  return jetStream.attempt(async () => {
    try {
      await jetStream.manager.streams.add(config);
    } catch (error) {
      if (errorCode(error) !== STREAM_NAME_IN_USE) throw error;
    }
  });
}

export function ensureConsumer(
  jetStream: JetStream,
  stream: string,
  config: Partial<ConsumerConfig> & { readonly durable_name: string },
): Promise<Consumer> {
  const { manager, client } = jetStream;
  return jetStream.attempt(async () => {
    try {
      await manager.consumers.info(stream, config.durable_name);
    } catch (error) {
      if (errorCode(error) !== CONSUMER_NOT_FOUND) throw error;
      await manager.consumers.add(stream, config);
    }
    return client.consumers.get(stream, config.durable_name);
  });
}

/** Whether a message was refused because its stream, or its subject, has as many as it may. */
export const isFull = (error: unknown): boolean => errorCode(error) === STREAM_FULL;

/** Whether it was the subject. The code is the same; the text is not. */
export const isSubjectFull = (error: unknown): boolean =>
  isFull(error) && (error as Error).message.includes('per subject');

/** Whether a key was not created, because its bucket has it. */
export const isKnownKey = (error: unknown): boolean => errorCode(error) === WRONG_LAST_SEQUENCE;

const errorCode = (error: unknown): unknown => (error as { readonly code?: unknown }).code;
