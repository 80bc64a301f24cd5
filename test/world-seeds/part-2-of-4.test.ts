/** Small worlds in which much goes wrong by chance, a quarter of them: no invariant breaks, and nothing is left. */
import { testSeeds } from '../support/seed-tests.ts';

testSeeds(1);
