/** The walkthrough that takes a newcomer from nothing to a pruned model with its report. */

import { type CommandId, commandName, commandTable } from './commands.ts';
import { recipeEditor, reportEditor } from './editors.ts';

function button(id: CommandId): string {
  return `[${commandTable[id].title}](command:${commandName(id)})`;
}

function picture(name: string, altText: string) {
  return { svg: `media/walkthrough/${name}.svg`, altText };
}

export const contributes = {
  walkthroughs: [
    {
      id: 'start',
      title: 'Get started with Secateur',
      description: 'Prune a small language model, read what it cost, then prune your own.',
      steps: [
        {
          id: 'sample',
          title: 'Take the sample checkpoint',
          description: `A language model of 1.4 million parameters comes with Secateur: small enough to be pruned in seconds. It is copied into your folder, with a recipe beside it.\n${button('useSample')}`,
          media: picture('sample', 'The folder of the sample checkpoint, and beside it a recipe of a few lines.'),
          completionEvents: [`onCommand:${commandName('useSample')}`],
        },
        {
          id: 'panel',
          title: 'See and shape the budget',
          description: `The recipe opens as a panel: a cell for every matrix, a slider for the total, for blocks and for kinds. What you set by hand stays, the rest shares what is left, and the total is exact. Every gesture is an edit of the text that can be undone.\n${button('openPanel')}`,
          media: picture('panel', 'A heat map with a row for every block and a column for every kind of matrix, and sliders beside it.'),
          completionEvents: [`onCommand:${commandName('openPanel')}`, `onContext:activeCustomEditorId == ${recipeEditor}`],
        },
        {
          id: 'prune',
          title: 'Prune',
          description: `The cells fill as blocks are finished, and the panel stays usable. A run that is stopped goes on later where it was. The source is only read: the result is a folder of its own.\n${button('prune')}`,
          media: picture('prune', 'A progress bar, and below it the matrices that are finished, coloured by their error.'),
          completionEvents: [`onCommand:${commandName('prune')}`],
        },
        {
          id: 'report',
          title: 'Read the report',
          description: `Perplexity before and after, the error and the zeros of every matrix, times, and what it was made from and with. It can be copied as Markdown, and compared with the report of another run.\n${button('openReport')}`,
          media: picture('report', 'Tiles with figures before and after, and a plot of the error by block.'),
          completionEvents: [`onCommand:${commandName('openReport')}`, `onContext:activeCustomEditorId == ${reportEditor}`],
        },
        {
          id: 'own',
          title: 'Prune your own model',
          description: `Open the folder that holds a checkpoint, answer a few questions, and a recipe is written and opened. A GGUF file is imported first.\n${button('pruneCheckpoint')}\n${button('importGguf')}`,
          media: picture('own', 'The question for the share of weights that become zero.'),
          completionEvents: [`onCommand:${commandName('pruneCheckpoint')}`, `onCommand:${commandName('importGguf')}`],
        },
      ],
    },
  ],
};
