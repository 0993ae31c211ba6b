/** The language of recipes, and the one of answers to a prompt, which are prose. */

export const languageId = 'prune-yaml';
export const answerLanguageId = 'secateur-answer';

export const contributes = {
  languages: [
    {
      id: languageId,
      aliases: ['Pruning Recipe', languageId],
      filenamePatterns: ['*.prune.yaml'],
      configuration: './media/prune-yaml.language-configuration.json',
    },
    { id: answerLanguageId, aliases: ['Answer to a Prompt'] },
  ],
  grammars: [{ language: languageId, scopeName: 'source.prune-yaml', path: './media/syntaxes/prune-yaml.tmLanguage.json' }],
  configurationDefaults: {
    [`[${languageId}]`]: {
      'editor.insertSpaces': true,
      'editor.tabSize': 2,
      'editor.autoIndent': 'advanced',
      'editor.quickSuggestions': { other: true, comments: false, strings: true },
    },
    [`[${answerLanguageId}]`]: { 'editor.wordWrap': 'on' },
  },
};
