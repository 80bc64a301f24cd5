/** Stands in for a link that could not be made: reports that once, and does nothing. */

import { thrownText } from '../process/thrown.ts';
import type { Link } from './link.ts';

export function brokenLink(error: unknown): Link {
  return {
    attach: (report) => report({ type: 'link.faulted', message: thrownText(error) }),
    detach: () => {},
    command: () => {},
    openPorts: () => [],
    closePorts: () => {},
    release: () => {},
    toJSON: () => '[broken link]',
  };
}
