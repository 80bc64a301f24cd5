import { expect, test } from 'vitest';
import { Recordings, type StartedRecording } from '../../src/admin/recordings.ts';
import type { Server } from '../../src/server.ts';

const SERVER = {} as Server;

function someRecordings() {
  const started: (StartedRecording & { why: string | null })[] = [];
  const recordings = new Recordings(SERVER, async (server, path) => {
    expect(server).toBe(SERVER);
    if (path === '/full') throw new Error('no space');
    const recording = {
      ...{ path, bytes: 7, why: null as string | null },
      close: async () => {
        recording.why ??= 'closed';
      },
    };
    started.push(recording);
    return recording;
  });
  return { recordings, started };
}

test('a recording is started and stopped', async () => {
  const { recordings } = someRecordings();
  expect(await recordings.start('/a')).toEqual({ path: '/a' });
  expect(await recordings.stop()).toEqual({ path: '/a', bytes: 7, why: 'closed' });
  expect(await recordings.start('/b')).toEqual({ path: '/b' });
});

test('there is one at a time, also while it starts', async () => {
  const { recordings, started } = someRecordings();
  const first = recordings.start('/a');
  await expect(recordings.start('/b')).rejects.toThrow('a recording is under way');
  await first;
  await expect(recordings.start('/b')).rejects.toMatchObject({ code: -32_000 });
  started[0]!.why = 'full';
  expect(await recordings.start('/b')).toEqual({ path: '/b' });
});

test('what cannot be done is refused with a reason', async () => {
  const { recordings } = someRecordings();
  await expect(recordings.stop()).rejects.toThrow('nothing is being recorded');
  await expect(recordings.start('a')).rejects.toThrow('the path of the file has to be absolute');
  await expect(recordings.start('/full')).rejects.toMatchObject({
    code: -32_000,
    message: 'no space',
  });
  expect(await recordings.start('/a')).toEqual({ path: '/a' });
});

test('a recording that has ended by itself says why', async () => {
  const { recordings, started } = someRecordings();
  await recordings.start('/a');
  started[0]!.why = 'full';
  expect(await recordings.stop()).toMatchObject({ why: 'full' });
});

test('closing ends it', async () => {
  const { recordings, started } = someRecordings();
  await recordings.close();
  await recordings.start('/a');
  await recordings.close();
  expect(started[0]!.why).toBe('closed');
});
