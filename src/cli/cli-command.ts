/** A command with its examples and exit codes, which its help and docs/cli.md show. */
import { Command, Option } from 'commander';
import type { Ports } from '../api/options.ts';
import { collectCapability } from './arguments.ts';
import { DEFAULT_OFFER, offerText } from './offered-protocols.ts';
import type { Terminal } from './terminal.ts';

/** What the action of a command uses. */
export type CommandContext = {
  readonly terminal: Terminal;
  readonly ports: Partial<Ports>;
  /** Takes the exit code of the command that ran. */
  readonly exit: (code: number) => void;
};

/** Adds one command, or a group of them. */
export type AddCommands = (program: CliCommand, context: CommandContext) => void;

/** What an exit code means, by the code. */
export type ExitCodes = Readonly<Record<number, string>>;

const EXIT_CODES: ExitCodes = { 0: 'done', 1: 'an error, in one line on stderr' };

export class CliCommand extends Command {
  readonly #examples: string[] = [];
  #exitCodes: ExitCodes = EXIT_CODES;

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** The words behind `peerchart`. */
  example(...words: readonly string[]): this {
    this.#examples.push(...words);
    return this;
  }

  /** In place of the usual ones: 0 when it is done, 1 for an error. */
  exits(codes: ExitCodes): this {
    this.#exitCodes = codes;
    return this;
  }

  get examples(): readonly string[] {
    return this.#examples.map((words) => `peerchart ${words}`);
  }

  get exitCodes(): readonly (readonly [code: string, meaning: string])[] {
    return Object.entries(this.#exitCodes);
  }

  override helpInformation(...given: Parameters<Command['helpInformation']>): string {
    const help = super.helpInformation(...given);
    if (this.#examples.length === 0) return help;
    const examples = this.examples.map((line) => `  ${line}\n`);
    const codes = this.exitCodes.map(([code, meaning]) => `  ${code.padEnd(3)}  ${meaning}\n`);
    return `${help}\nExamples:\n${examples.join('')}\nExit codes:\n${codes.join('')}`;
  }
}

/** The offered protocols are not spoken: their messages are read, and none is sent. */
export const offerOption = (what: string): Option =>
  new Option('--offer <capability...>', `${what} (default: ${offerText(DEFAULT_OFFER)})`).argParser(
    collectCapability,
  );

export const allowReadableKey = (): Option =>
  new Option(
    '--allow-readable-key',
    'accept a key file that others can read, or that belongs to another user',
  );
