/** `secateur inspect PATH`: what a checkpoint is, and what pruning it would need. */

import { bytesPerWeight, type Checkpoint, openCheckpoint } from '../engine/checkpoint.ts';
import { runNeeds } from '../engine/needs.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatBytes, formatCount, formatDuration, formatShare, formatTable } from './format.ts';

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
  const { model, tensors, linears, files } = checkpoint;
  const sizes = [...tensors.values()].map((tensor) => tensor.bytes / bytesPerWeight[tensor.type]);
  const dtypes: Record<string, number> = {};
  for (const { type } of tensors.values()) dtypes[type] = (dtypes[type] ?? 0) + 1;
  const parameters = sizes.reduce((sum, size) => sum + size, 0);
  const prunable = linears.reduce((sum, linear) => sum + linear.out * linear.in, 0);
  const calibration = { samples: 128, length: Math.min(2048, model.maxLength), products: 24 };
  return {
    path: checkpoint.folder,
    family: model.modelType,
    blocks: model.nBlocks,
    hiddenSize: model.hiddenSize,
    vocabSize: model.vocabSize,
    maxLength: model.maxLength,
    parameters,
    prunable,
    prunableShare: prunable / parameters,
    dtypes,
    files,
    linears: model.linears(0).map(({ kind, out, in: width }) => ({ kind, shape: [out, width] })),
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
