/** What `npm run source-mutants` knows of single files and removals. */

/** Further tests of a file, where its own cannot see what it leaves behind. */
export const ALSO = {};

/** Removals that no test has to notice, and why: by their names as they are printed. */
export const SURVIVORS = {};
