/** An inspector of a recording: the same page and the same access rules as for a server. */
import { createReadStream } from 'node:fs';

import { callUser } from '../api/user-call.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { checkInspectOptions, type InspectOptions } from './inspector-options.ts';
import { PageHandle } from './page-handle.ts';
import { readRecordingFile } from './recording/recording-reader.ts';
import { openPageServer, type PageServerPorts } from './web/page-server.ts';

/** A recording has no actions, and it is masked or not. */
export type FileInspectOptions = Omit<InspectOptions, 'actions' | 'mask'>;

export type FileInspector = AsyncDisposable & {
  /** Such as `http://127.0.0.1:40123`. Only a link opens it. */
  readonly address: string;
  /** Single use, expires in 60 s. */
  readonly link: string;
  /** Ends every session: open pages then need a new link. */
  endSessions(): void;
  close(): Promise<void>;
};

/**
 * @param onFault Called with internal errors.
 * @throws {TypeError} Names each option that is wrong. @throws {RecordingError} Not a recording of this version.
 * @throws {Error} The system error when it cannot listen.
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
  const pageServer = await openPageServer(
    { source: 'file', open: () => createReadStream(path) },
    { ...where, onLink: onLink && ((link) => callUser(() => onLink(link), onFault)), onFault },
    ports,
  );
  return new PageHandle({ pageServer, end: () => {} }, { value: '' });
}
