/** `secateur import FILE.gguf --to DIR`: a Hugging Face checkpoint from a GGUF file. */

import { importGguf } from '../engine/import/gguf.ts';
import { SecateurError } from '../error.ts';
import { formatBytes, formatCount } from '../protocol/quantity.ts';
import { type Command, jsonOption } from './command.ts';
import { createProgress } from './progress.ts';

export const importCommand: Command = {
  usage: 'import FILE.gguf',
  summary: 'Make a Hugging Face checkpoint from a GGUF file.',
  options: {
    to: { type: 'string', value: 'DIR', help: 'The folder to write. Required; it must not exist.' },
    json: jsonOption,
  },
  async run({ positionals, options }, world) {
    if (!options.to) throw new SecateurError('BAD_ARGUMENT', 'import needs --to DIR', 'Name the folder to write.');
    const progress = createProgress(world);
    try {
      const result = await importGguf(positionals[0], options.to as string, {
        signal: world.signal,
        onProgress: ({ done, total, tensor }) => progress.report({ step: 'import', done, total, unit: 'bytes', detail: tensor }),
      });
      progress.end();
      const types = Object.entries(result.types).map(([type, count]) => `${type} (${count} tensors)`);
      world.out(
        options.json
          ? `${JSON.stringify(result, null, 2)}\n`
          : `${result.folder}: ${result.modelType}, ${formatCount(result.nWeights)} weights, ${formatBytes(result.sizeBytes)} as ${result.dtype}, from ${types.join(', ')}\n`,
      );
      return 0;
    } finally {
      progress.end();
    }
  },
};
