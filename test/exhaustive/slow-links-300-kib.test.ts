/** Every slow line of 300 KiB/s. A sample of all of them is in test/scenarios/slow-links.test.ts. */
import { testSlowLinks } from '../support/slow-link-tests.ts';

testSlowLinks(300);
