/** The handler of every command. */

import type { CommandId } from '../contributes/commands.ts';
import type { CommandHandler } from './command.ts';
import { compareReports } from './compare-reports.ts';
import { evaluate } from './evaluate.ts';
import { importGguf } from './import-gguf.ts';
import { measure } from './measure.ts';
import { newRecipe } from './new-recipe.ts';
import { openAsText } from './open-as-text.ts';
import { openPanel } from './open-panel.ts';
import { openReport } from './open-report.ts';
import { prune } from './prune.ts';
import { pruneCheckpoint } from './prune-checkpoint.ts';
import { pruneFresh } from './prune-fresh.ts';
import { restartEngine } from './restart-engine.ts';
import { resume } from './resume.ts';
import { showLog } from './show-log.ts';
import { stop } from './stop.ts';
import { tryPrompt } from './try-prompt.ts';
import { useSample } from './use-sample.ts';

export const handlers: Readonly<Record<CommandId, CommandHandler>> = {
  compareReports,
  evaluate,
  importGguf,
  measure,
  newRecipe,
  openAsText,
  openPanel,
  openReport,
  prune,
  pruneCheckpoint,
  pruneFresh,
  restartEngine,
  resume,
  showLog,
  stop,
  tryPrompt,
  useSample,
};
