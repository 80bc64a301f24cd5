/** A source of frames in which addresses and ids are replaced by pseudonyms; equal values get equal ones. */

import type { FrameSource, Viewer } from '../protocol.ts';
import { type Mask, maskAll } from '../recording/mask.ts';

export const maskedSource = (source: FrameSource, mask: Mask): FrameSource => ({
  open: (options) => {
    const viewer = source.open(options);
    const masked: Viewer = {
      focus: (actors) => viewer.focus(actors),
      next: (hz) => {
        const frame = viewer.next(hz);
        return frame && maskAll(frame, mask);
      },
      close: () => viewer.close(),
    };
    return masked;
  },
});
