/** What the manifest says beside its contributions: how the extension is listed, where it runs and what it is trusted with. */

import { settingNames } from './settings.ts';

export const listing = {
  icon: 'media/icon.png',
  galleryBanner: { color: '#16302b', theme: 'dark' },
  categories: ['Machine Learning', 'Programming Languages', 'Visualization'],
  keywords: ['pruning', 'sparsity', 'llm', 'safetensors', 'gguf', 'SparseGPT', 'Wanda', 'perplexity', 'model compression'],
  extensionKind: ['workspace'],
  activationEvents: [],
  capabilities: {
    untrustedWorkspaces: {
      supported: 'limited',
      description:
        'Recipes, checkpoints and reports are shown; nothing is measured, pruned, evaluated or imported until the workspace is trusted.',
      restrictedConfigurations: settingNames.map((name) => `secateur.${name}`),
    },
    virtualWorkspaces: {
      supported: false,
      description: 'The engine reads checkpoints as files on a disk.',
    },
  },
};
