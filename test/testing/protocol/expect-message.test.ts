import { expect, test } from 'vitest';

import { expectMessage, UnexpectedMessage } from '../../../src/testing/protocol/expect-message.ts';
import { messagePipe } from '../../../src/testing/protocol/message-pipe.ts';

const rules = { name: 'greet', version: 2, length: 4 };
const hello = Uint8Array.of(0xca, 0xfe);

test('the expected message is returned', async () => {
  const [a, b] = messagePipe(rules);
  for (const wanted of [[], [1], [1, hello]] as [number?, Uint8Array?][]) {
    void a.send(1, hello);
    expect(await expectMessage(b, ...wanted)).toEqual({ code: 1, payload: hello });
  }
});

test.for([
  [[2], 'greet/2: expected message 2, got message 1 of 2 bytes 0xcafe'],
  [[1, Uint8Array.of(1)], 'expected message 1 of 1 bytes 0x01, got message 1 of 2 bytes 0xcafe'],
  [[undefined, new Uint8Array()], 'expected a message of 0 bytes 0x, got'],
] as [[number?, Uint8Array?], string][])(
  'the error shows the message that arrived instead of %j',
  async ([wanted, sentence]) => {
    const [a, b] = messagePipe(rules);
    void a.send(1, hello);
    await expect(expectMessage(b, ...wanted)).rejects.toThrow(sentence);
  },
);

test('the error has the reason when the port ends', async () => {
  const [a, b] = messagePipe(rules);
  const awaited = expectMessage(b, 1);
  a.close(new Error('enough'));
  await expect(awaited).rejects.toThrow(UnexpectedMessage);
  await expect(awaited).rejects.toThrow('expected message 1, but the port ended: Error: enough');
});

test('the error shows at most 64 bytes of a payload', async () => {
  const [a, b] = messagePipe(rules);
  void a.send(1, new Uint8Array(1_000));
  await expect(expectMessage(b, 2)).rejects.toThrow(/1000 bytes 0x(00){64}…$/);
});
