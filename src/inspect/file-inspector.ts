/** An inspector of a recording: the same page on the same terms, and a file in the place of a server. */
import { createReadStream } from 'node:fs';

import type { Endpoint } from '../io/wire/endpoint.ts';
import { checkInspectOptions, type InspectOptions } from './inspector-options.ts';
import { readRecordingFile } from './recording/recording-reader.ts';
import { openPageServer, type PageServerPorts } from './web/page-server.ts';

/** The file is as it is: nothing can be done to it, and it is masked or not. */
export type FileInspectOptions = Omit<InspectOptions, 'actions' | 'mask'>;

export type FileInspector = AsyncDisposable & {
  /** Such as `http://127.0.0.1:40123`. It takes a link to come in. */
  readonly address: string;
  /** Good once, and for 60 s. */
  readonly link: string;
  close(): Promise<void>;
};

/**
 * @param onFault Hears of mistakes of ours.
 * @throws {TypeError} Names each option that is wrong. @throws {RecordingError} It is no recording that we know.
 * @throws {Error} That of the system, when it cannot listen.
 */
export async function openFileInspector(
  path: string,
  options: FileInspectOptions = {},
  onFault: (error: unknown) => void = () => {},
  ports: Partial<PageServerPorts> = {},
): Promise<FileInspector> {
  const { host, port, hostNames, onLink } = checkInspectOptions(options);
  for await (const _header of readRecordingFile(path)) break;
  const where: Endpoint & { readonly hostNames: readonly string[] } = { host, port, hostNames };
  const site = await openPageServer(
    { source: 'file', open: () => createReadStream(path) },
    { ...where, onLink, onFault },
    ports,
  );
  const close = (): Promise<void> => site.close();
  return { address: site.address, link: site.newLink(), close, [Symbol.asyncDispose]: close };
}
