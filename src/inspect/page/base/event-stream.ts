/**
 * A stream of server-sent events, read with `fetch`: an EventSource cannot send the header of the session.
 * Source of the format: HTML, "Server-sent events". Only the fields that the server sends are read: event and data.
 */
import type { Stream } from './live-source.ts';
import type { Ask } from './server-access.ts';

/** Longest unfinished event, in UTF-16 units. Ours: far above the largest frame. */
const MAX_EVENT_CHARS = 64 * 1024 * 1024;

export function openEventStream(ask: Ask, url: string): Stream {
  const ending = new AbortController();
  const stream: Stream = {
    onHello: () => {},
    onMessage: () => {},
    onError: () => {},
    close: () => ending.abort(),
  };
  read(ask, url, ending.signal, stream).then(
    (status) => {
      if (!ending.signal.aborted) stream.onError(status);
    },
    () => {
      if (!ending.signal.aborted) stream.onError(0);
    },
  );
  return stream;
}

/** @returns the status, when the stream has ended. */
async function read(ask: Ask, url: string, signal: AbortSignal, stream: Stream): Promise<number> {
  const answer = await ask(url, { signal });
  const chunks = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!answer.ok || !chunks) return answer.status;
  let text = '';
  for (;;) {
    const { done, value } = await chunks.read();
    if (done || signal.aborted) return answer.status;
    let from = Math.max(0, text.length - 1); // its first newline may be there already
    text += value;
    for (let end = text.indexOf('\n\n', from); end !== -1; end = text.indexOf('\n\n', from)) {
      if (!signal.aborted) dispatch(text.slice(0, end), stream);
      text = text.slice(end + 2);
      from = 0;
    }
    if (text.length > MAX_EVENT_CHARS) throw new Error('an event without an end');
  }
}

function dispatch(event: string, stream: Stream): void {
  const fields = event.split('\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')] as const;
  });
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return; // a comment, or the retry delay
  const isHello = fields.some(([name, value]) => name === 'event' && value === 'hello');
  if (isHello) stream.onHello(data.join('\n'));
  else stream.onMessage(data.join('\n'));
}
