/** Every subcommand, under the name it is called by. In the order of a day's work. */

import { check } from './check.ts';
import type { Command } from './command.ts';
import { compare } from './compare.ts';
import { evaluate } from './evaluate.ts';
import { generate } from './generate.ts';
import { importCommand } from './import.ts';
import { init } from './init.ts';
import { inspect } from './inspect.ts';
import { measure } from './measure.ts';
import { plan } from './plan.ts';
import { prune } from './prune.ts';
import { report } from './report.ts';

export const commands = {
  inspect,
  import: importCommand,
  init,
  check,
  measure,
  plan,
  prune,
  evaluate,
  report,
  compare,
  generate,
} satisfies Record<string, Command>;
