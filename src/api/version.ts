/** The version of the package, as package.json has it: for our name in Hello, recordings, the page and `--version`. */
export const VERSION = '0.1.0';
