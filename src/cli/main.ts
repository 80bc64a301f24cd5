#!/usr/bin/env node
/** The `peerchart` command: runs the program with this process as its terminal, and sets the exit code. */
import { runProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

process.exitCode = await runProgram(process.argv.slice(2), openTerminal(process));
