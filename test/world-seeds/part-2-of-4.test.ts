/** Small worlds in which much goes wrong by chance, a quarter of them: no invariant breaks, and nothing is left. */
import { testLives } from '../support/lives.ts';

testLives(1);
