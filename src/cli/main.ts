#!/usr/bin/env node
/** The `peerchart` command: joins the program to the process, and says how it went. */
import { runProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

process.exitCode = await runProgram(process.argv.slice(2), openTerminal(process));
