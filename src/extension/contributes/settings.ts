/** The settings; `settings.ts` of the extension reads them, by these names. */

export const settingNames = [
  'provider',
  'threads',
  'memoryLimit',
  'scratchFolder',
  'cacheFolder',
  'gramCacheLimit',
  'calibrationText',
] as const;

/** A test holds it to the engine's. */
export const defaultGramCacheGiB = 2;

/** A test holds their names to the engine's. */
export const providers = {
  auto: 'The processor, which is there on every machine.',
  cpu: 'The processor.',
  webgpu: 'The graphics card, through WebGPU.',
  cuda: 'An NVIDIA graphics card.',
  coreml: 'Apple hardware, through Core ML.',
  dml: 'The graphics card, through DirectML.',
} as const;

export type SettingName = (typeof settingNames)[number];

const properties: Readonly<Record<`secateur.${SettingName}`, object>> = {
  'secateur.provider': {
    order: 1,
    type: 'string',
    enum: Object.keys(providers),
    enumDescriptions: Object.values(providers),
    default: 'auto',
    scope: 'machine-overridable',
    markdownDescription: 'Where the engine computes.',
  },
  'secateur.threads': {
    order: 2,
    type: 'integer',
    minimum: 0,
    maximum: 1024,
    default: 0,
    scope: 'machine-overridable',
    markdownDescription: 'Threads per operation; `0` takes the cores there are. The same number gives the same bytes.',
  },
  'secateur.memoryLimit': {
    order: 3,
    type: 'number',
    minimum: 0,
    default: 0,
    scope: 'machine-overridable',
    markdownDescription: 'The memory a run may use, in GiB; `0` takes 80 % of what the machine has.',
  },
  'secateur.scratchFolder': {
    order: 4,
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    markdownDescription: 'The folder for hidden states beyond the memory limit. Empty: beside the result.',
  },
  'secateur.cacheFolder': {
    order: 5,
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    markdownDescription:
      'The folder that keeps measured sensitivities. Empty: `.secateur` in the workspace folder of the recipe, which is kept out of version control.',
  },
  'secateur.gramCacheLimit': {
    order: 6,
    type: 'number',
    minimum: 0,
    default: defaultGramCacheGiB,
    scope: 'machine-overridable',
    markdownDescription:
      'What the statistics that measures share, and matrices a search has solved with them, may take in that folder, in GiB; `0` keeps none. With them, another measure of the same text is much faster, and one matrix can be solved alone.',
  },
  'secateur.calibrationText': {
    order: 7,
    type: 'string',
    default: 'default',
    scope: 'resource',
    markdownDescription:
      'The calibration text of new recipes: `default` is the one that comes with Secateur; else a file or folder, relative to the workspace folder.',
  },
};

export const contributes = {
  configuration: { title: 'Secateur', properties },
};
