/** Known defects of the command line and of configuration files. */

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const CLI_MUTANTS = [
  {
    id: 'CLI the file comes before the flags',
    breaks: 'A flag cannot change what a file says.',
    file: 'src/cli/configuration.ts',
    from: 'if (given !== undefined) return',
    to: 'if (given !== undefined && !found.has(name)) return',
    test: [
      'test/cli/configuration.test.ts',
      'a flag comes before the file, and the file before the default',
    ],
  },
  {
    id: 'CLI unknown names are ignored',
    breaks: 'A misspelt setting of a file has no effect, and no line says so.',
    file: 'src/cli/configuration.ts',
    from: 'else if (!isTableName(name))',
    to: 'else if (name === "")',
    test: ['test/cli/configuration.test.ts', 'all bad fields of a file are named'],
  },
  {
    id: 'CLI lines of a file are counted from 0',
    breaks: 'An error of a file names a wrong line.',
    file: 'src/cli/config-file.ts',
    from: 'this.#lines.set(name, index + 1)',
    to: 'this.#lines.set(name, index)',
    test: ['test/cli/config-file.test.ts', 'each entry has the names of its tables and its line'],
  },
  {
    id: 'CLI a stop has no end',
    breaks: 'Ctrl-C does not end a node of which something does not stop.',
    file: 'src/cli/orderly-stop.ts',
    from: '    terminal.end(1);\n',
    to: '',
    test: ['test/cli/orderly-stop.test.ts', 'a stop that takes 5 s ends the process'],
  },
  {
    id: 'CLI a second signal is caught too',
    breaks: 'A second Ctrl-C does not end the process at once.',
    file: 'src/cli/terminal.ts',
    from: "    host.off('SIGINT', stop);\n",
    to: '',
    test: [
      'test/cli/terminal.test.ts',
      'stopping SIGINT asks for it once, the next is left to the system',
    ],
  },
];
