/** Tasks of the type `secateur`, and what finds the problems in their output. */

const taskCommands = {
  prune: 'Prunes as the recipe says; goes on where an earlier run stopped.',
  evaluate: 'Takes the perplexity of a checkpoint on a text.',
  measure: 'Measures how much each matrix minds being pruned.',
  plan: 'Says what a run would do and need, and changes nothing.',
  check: 'Says what is wrong with a recipe.',
} as const;

export type TaskCommand = keyof typeof taskCommands;

export const taskType = 'secateur';

const place = '^(?:\\s*)(.+?):(\\d+):(\\d+): (error|warning): (.+) \\[([A-Z_]+)\\]\\s*$';
const whole = '^(?!.*:\\d+:\\d+: )(?:\\s*)(.+?): (error|warning): (.+) \\[([A-Z_]+)\\]\\s*$';

const matcher = {
  owner: 'secateur',
  source: 'secateur',
  // In a recipe that is open the language server shows the same problems, and keeps them up to date.
  applyTo: 'closedDocuments',
  fileLocation: 'autoDetect',
} as const;

/** As a task names them. */
export const matcherNames = ['$secateur', '$secateur-file'];

export const contributes = {
  taskDefinitions: [
    {
      type: taskType,
      required: ['command'],
      properties: {
        command: {
          type: 'string',
          enum: Object.keys(taskCommands),
          enumDescriptions: Object.values(taskCommands),
          description: 'What is done.',
        },
        recipe: { type: 'string', description: 'The recipe, seen from the workspace folder; for every command but evaluate.' },
        folder: { type: 'string', description: 'The folder of the checkpoint, seen from the workspace folder; for evaluate.' },
        text: { type: 'string', description: 'The text that perplexity is taken on; for evaluate.' },
        args: {
          type: 'array',
          items: { type: 'string' },
          description: 'More arguments of the command line, such as --set sparsity=0.6 (two items) or --fresh.',
        },
      },
    },
  ],
  problemMatchers: [
    {
      name: 'secateur',
      label: 'Secateur',
      ...matcher,
      pattern: { regexp: place, file: 1, line: 2, column: 3, severity: 4, message: 5, code: 6 },
    },
    {
      name: 'secateur-file',
      label: 'Secateur, problems of a whole recipe',
      ...matcher,
      pattern: { regexp: whole, kind: 'file', file: 1, severity: 2, message: 3, code: 4 },
    },
  ],
};
