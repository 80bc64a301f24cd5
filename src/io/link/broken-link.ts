/** Takes the place of a link whose construction threw: reports `link.faulted` when attached, and does nothing else. */

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
