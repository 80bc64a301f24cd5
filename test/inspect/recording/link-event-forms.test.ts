import { expect, test } from 'vitest';
import { link, stream } from '../../../src/inspect/recording/link-event-forms.ts';
import { NO_MASK } from '../../../src/inspect/recording/mask.ts';
import { UNUSED_LINK } from '../../../src/testing/machine/setup-input.ts';
import { dummyStream } from '../../support/dummy-stream.ts';

const writing = { mask: NO_MASK, hosts: null, markIncomplete: () => {} };
const reading = { hostAnswers: new Map() };

test('of a stream only the remote endpoint is written, and the object read does nothing', () => {
  const written = stream.write(dummyStream(7), writing);
  expect(written).toEqual({ $: 'stream', remote: { host: '192.0.2.9', port: 7 } });
  const back = stream.read(written, reading);
  expect(back.remote).toEqual({ host: '192.0.2.9', port: 7 });
  expect(() => back.destroy()).not.toThrow();
  expect(() => stream.read({ $: 'link', remote: back.remote }, reading)).toThrow('a stream');
});

test('of a link only the name is written', () => {
  expect(link.write(UNUSED_LINK, writing)).toEqual({ $: 'link' });
  expect(JSON.stringify(link.read({ $: 'link' }, reading))).toBe('{"$":"link"}');
});
