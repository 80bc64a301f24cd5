/** A link as an actor: what it reports becomes events of the machine that drives it, and leaving only detaches. */
import { fromCallback } from 'xstate';

import type { LinkCommand } from './link-events.ts';
import type { LinkReport, RlpxLink } from './rlpx-link.ts';

export const rlpxLink = fromCallback<LinkCommand, RlpxLink>(
  ({ input: link, sendBack, receive }) => {
    const report: LinkReport = (event) => sendBack(event);
    link.attach(report);
    receive((command) => link.command(command));
    return () => link.detach(report);
  },
);
