/** `secateur plan RECIPE`: the dry run. Touches nothing. */

import { measured } from '../engine/measure.ts';
import { dryRun } from '../engine/plan.ts';
import { SecateurError } from '../error.ts';
import type { Plan } from '../protocol/data.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../protocol/quantity.ts';
import { zerosAlone } from '../protocol/report.ts';
import { checkpointProblems } from './check.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatTable } from './format.ts';
import { cacheOptions, readRecipe, setOption } from './recipe-file.ts';

export const plan: Command = {
  usage: 'plan RECIPE',
  summary: 'A dry run: every matrix with its sparsity, memory, disk, time estimate.',
  options: { set: setOption, json: jsonOption, ...cacheOptions, ...computeOptions },
  async run(args, world) {
    const { resolved, cacheFolder } = readRecipe(args, world);
    const [problem] = await checkpointProblems(resolved);
    if (problem) throw new SecateurError(problem.code, problem.message, problem.hint);
    const sensitivity = cacheFolder === undefined ? null : await measured(resolved, cacheFolder);
    const result = await dryRun(resolved, createContext(args, world), sensitivity);
    world.out(args.options.json ? `${JSON.stringify(result, null, 2)}\n` : render(result));
    return 0;
  },
};

function render(plan: Plan): string {
  const rows = plan.matrices.map((matrix) => [
    matrix.name,
    matrix.shape.map(formatCount).join(' × '),
    matrix.dtype,
    formatShare(matrix.sparsity),
    formatCount(matrix.zeros),
    matrix.setBy,
  ]);
  const { calibration, needs } = plan;
  return [
    `${plan.model} (${plan.modelType}, ${formatCount(plan.parameters)} parameters)  →  ${plan.to}`,
    `${plan.method}, ${formatCount(plan.zeros)} zeros = ${formatShare(plan.sparsity)} of ${formatCount(plan.prunable)} prunable weights` +
      (plan.pattern ? `, ${plan.pattern}` : ''),
    `calibration: ${calibration.text}, ${calibration.samples} × ${calibration.length} tokens, seed ${calibration.seed}, ${calibration.flow}`,
    ...(plan.control ? ['and once more with the uniform allocation, as a control'] : []),
    ...(plan.awaits === null
      ? []
      : [`the budget waits for \`secateur measure\` (${plan.awaits}), which a run does first; shown is the uniform one`]),
    '',
    formatTable(['matrix', 'shape', 'dtype', 'sparsity', 'zeros', 'set by'], rows),
    '',
    `memory about ${formatBytes(needs.memoryBytes)}, disk ${formatBytes(needs.diskBytes)}${needs.scratchBytes > 0 ? ` and ${formatBytes(needs.scratchBytes)} of scratch` : ''}, about ${formatDuration(needs.seconds)}`,
    zerosAlone,
    '',
  ].join('\n');
}
