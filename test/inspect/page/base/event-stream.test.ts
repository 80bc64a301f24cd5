/** Server-sent events over `fetch`. */
import { expect, test } from 'vitest';

import { openEventStream } from '../../../../src/inspect/page/base/event-stream.ts';

/** What a stream reports. */
function opened(chunks: readonly string[], status = 200) {
  const heard: string[] = [];
  const queue = new TransformStream<Uint8Array, Uint8Array>();
  const writer = queue.writable.getWriter();
  const signals: AbortSignal[] = [];
  const stream = openEventStream(async (_url, init) => {
    signals.push(init!.signal!);
    return new Response(queue.readable, { status });
  }, 'api/stream');
  const ended = new Promise<void>((resolve) => {
    stream.onHello = (data) => heard.push(`hello ${data}`);
    stream.onMessage = (data) => heard.push(`message ${data}`);
    stream.onError = (code) => {
      heard.push(`error ${code}`);
      resolve();
    };
  });
  const send = async () => {
    for (const chunk of chunks) await writer.write(new TextEncoder().encode(chunk));
    await writer.close();
  };
  return { heard, stream, ended, send, signals };
}

const TEXT =
  'retry: 1000\n\nevent: hello\ndata: {"stream":"x"}\n\n' +
  'data: {"t":1}\n\n: keep-alive\n\ndata: é\ndata:two\n\ndata: cut off';

test('events are read, comments are not, and an unfinished event is dropped', async () => {
  const { heard, ended, send } = opened([TEXT]);
  await Promise.all([send(), ended]);
  expect(heard).toEqual(['hello {"stream":"x"}', 'message {"t":1}', 'message é\ntwo', 'error 200']);
});

test('chunks may be cut anywhere', async () => {
  const whole = opened([TEXT]);
  await Promise.all([whole.send(), whole.ended]);
  const pieces = opened([...TEXT]);
  await Promise.all([pieces.send(), pieces.ended]);
  expect(pieces.heard).toEqual(whole.heard);
});

test.for([401, 503])('an answer of %s is an error with its status', async (status, { expect }) => {
  const { heard, ended } = opened([], status);
  await ended;
  expect(heard).toEqual([`error ${status}`]);
});

test('a server that cannot be reached is an error without a status', async () => {
  const heard: number[] = [];
  const stream = openEventStream(() => Promise.reject(new TypeError('fetch failed')), 'x');
  await new Promise<void>((resolve) => {
    stream.onError = (status) => {
      heard.push(status);
      resolve();
    };
  });
  expect(heard).toEqual([0]);
});

test('a closed stream reports nothing more and aborts its request', async () => {
  const { heard, stream, send, signals } = opened([TEXT]);
  stream.close();
  await send().catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
  expect(signals[0]?.aborted).toBe(true);
});
