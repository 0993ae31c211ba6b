/** The command line: finds the subcommand, hands it its arguments, and turns what goes wrong into words and an exit code. */

import { parseArgs } from 'node:util';
import { fromSystem } from '../engine/system-error.ts';
import { SecateurError } from '../error.ts';
import { visible } from '../recipe/render.ts';
import { version } from '../version.ts';
import { type Arguments, type Command, parserOptions, type World } from './command.ts';
import { commands } from './index.ts';

// A reader that has gone (`| head`) ends neither a run nor its result.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = 1;
  });

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  signal: stopSignal(),
});

/** The exit code: 0 done, 1 the user's error, 2 a bug, 130 stopped. */
async function main(argv: readonly string[], world: World): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    world.out(overview());
    return 0;
  }
  if (name === '--version' || name === '-v') {
    world.out(`secateur ${version}\n`);
    return 0;
  }
  try {
    const command = find(name === 'help' ? rest[0] : name);
    if (name === 'help' || rest.includes('--help') || rest.includes('-h')) {
      world.out(help(command));
      return 0;
    }
    return await command.run(parse(command, rest), world);
  } catch (error) {
    return explain(error, world);
  }
}

function find(name: string): Command {
  if (Object.hasOwn(commands, name)) return commands[name as keyof typeof commands];
  throw new SecateurError('BAD_ARGUMENT', `there is no command ${name}`, `Commands: ${Object.keys(commands).join(', ')}.`);
}

function parse(command: Command, argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: parserOptions(command), allowPositionals: true });
    const wanted = command.usage.split(' ').length - 1;
    if (positionals.length !== wanted)
      throw new SecateurError(
        'BAD_ARGUMENT',
        `${positionals.length} arguments where ${wanted} are needed`,
        `Usage: secateur ${command.usage}`,
      );
    return { positionals, options: values };
  } catch (error) {
    if (error instanceof SecateurError) throw error;
    throw new SecateurError('BAD_ARGUMENT', (error as Error).message, `Usage: secateur ${command.usage}`, { cause: error });
  }
}

function explain(thrown: unknown, world: World): number {
  const error = fromSystem(thrown);
  if (!(error instanceof SecateurError)) {
    world.err(`\ninternal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }
  world.err(`${error.code === 'CANCELLED' ? 'stopped' : `error ${error.code}`}: ${visible(error.message)}\n`);
  if (error.hint) world.err(`  ${visible(error.hint)}\n`);
  return error.code === 'CANCELLED' ? 130 : 1;
}

/** Aborts at the first Ctrl+C, so that the run stops where it can go on later; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      process.stderr.write('\nstopping…\n');
    });
  return controller.signal;
}

function overview(): string {
  const usages = Object.values<Command>(commands).map(({ usage, summary }) => `  ${usage.padEnd(28)} ${summary}`);
  return `secateur ${version}: prunes language-model checkpoints in one shot, without retraining.\n\n${usages.join('\n')}\n\nsecateur COMMAND --help tells more.\n`;
}

function help({ usage, summary, options }: Command): string {
  const lines = Object.entries(options).map(
    ([name, { value, help: text }]) => `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(24)} ${text}`,
  );
  return `secateur ${usage}\n${summary}\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}`;
}
