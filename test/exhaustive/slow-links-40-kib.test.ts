/** Every slow line of 40 KiB/s. A sample of all of them is in test/scenarios/slow-links.test.ts. */
import { testSlowLinks } from '../support/slow-link-tests.ts';

testSlowLinks(40);
