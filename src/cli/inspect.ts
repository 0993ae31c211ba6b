/** `secateur inspect PATH`: what a checkpoint is, and what pruning it would need. */

import { type Checkpoint, openCheckpoint } from '../engine/checkpoint.ts';
import { inspect as inspectCheckpoint } from '../engine/inspect.ts';
import { runNeeds } from '../engine/needs.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../protocol/quantity.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatTable } from './format.ts';

export const inspect: Command = {
  usage: 'inspect PATH',
  summary: 'Family, shapes, dtypes, parameters, prunable share, what a run would need.',
  options: { json: jsonOption, ...computeOptions },
  async run(args, world) {
    const checkpoint = await openCheckpoint(args.positionals[0]);
    const facts = await describe(checkpoint, createContext(args, world));
    if (args.options.json) world.out(`${JSON.stringify(facts, null, 2)}\n`);
    else world.out(render(facts));
    return 0;
  },
};

type Facts = Awaited<ReturnType<typeof describe>>;

async function describe(checkpoint: Checkpoint, ctx: ReturnType<typeof createContext>) {
  const { folder, modelType, parameters, prunable, dtypes, files, matrices, ...sizes } = inspectCheckpoint(checkpoint);
  const calibration = { samples: 128, length: Math.min(2048, sizes.maxLength), products: 24 };
  return {
    path: folder,
    family: modelType,
    ...sizes,
    parameters,
    prunable,
    prunableShare: prunable / parameters,
    dtypes,
    files,
    linears: matrices.filter(({ block }) => block === 0).map(({ kind, shape }) => ({ kind, shape })),
    run: { ...calibration, ...(await runNeeds(checkpoint, calibration, ctx)) },
  };
}

function render(facts: Facts): string {
  const linears = facts.linears.map(({ kind, shape }) => [kind, formatCount(shape[0]), formatCount(shape[1])]);
  const { run } = facts;
  return [
    `${facts.path}: ${facts.family}, ${formatCount(facts.parameters)} parameters in ${facts.blocks} blocks`,
    `  hidden ${facts.hiddenSize}, vocabulary ${formatCount(facts.vocabSize)}, context ${formatCount(facts.maxLength)}`,
    `  dtypes ${Object.entries(facts.dtypes)
      .map(([type, count]) => `${type} (${count} tensors)`)
      .join(', ')}`,
    `  files ${facts.files.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}`,
    `  prunable ${formatCount(facts.prunable)} weights, ${formatShare(facts.prunableShare)} of all (embeddings, head and norms are never pruned)`,
    '',
    formatTable(['linear', 'out', 'in'], linears),
    '',
    `A run with ${run.samples} × ${run.length} calibration tokens needs about ${formatBytes(run.memoryBytes)} of memory, ` +
      `${formatBytes(run.diskBytes)} of disk${run.scratchBytes > 0 ? ` and ${formatBytes(run.scratchBytes)} of scratch` : ''} and about ${formatDuration(run.seconds)} on this machine.`,
    '',
  ].join('\n');
}
