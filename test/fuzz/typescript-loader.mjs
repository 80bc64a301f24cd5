/** For `--import`, in every thread: from here on Node runs `.ts`. */
import { register } from 'node:module';

register('./typescript-hook.mjs', import.meta.url);
