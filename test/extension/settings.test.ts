import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultGramCacheBytes } from '../../src/engine/gram-room.ts';
import { providers as engineProviders } from '../../src/engine/runtime.ts';
import { contributes, defaultGramCacheGiB, providers, type SettingName, settingNames } from '../../src/extension/contributes/settings.ts';
import { readSettings } from '../../src/extension/settings.ts';

const read = (values: Partial<Record<SettingName, unknown>>) => readSettings((name) => values[name]);

describe('readSettings', () => {
  it('leaves to the engine what is not set', () => {
    expect(read({})).toEqual({ compute: { provider: 'auto' }, cacheFolder: null, calibrationText: 'default' });
  });

  it('takes the defaults of the manifest for nothing set', () => {
    const { properties } = contributes.configuration;
    const defaults = Object.fromEntries(
      settingNames.map((name) => [name, (properties[`secateur.${name}`] as { default: unknown }).default]),
    );
    expect(read(defaults)).toEqual(read({}));
  });

  it('reads every setting in the unit of the engine', () => {
    const settings = {
      provider: 'cpu',
      threads: 2,
      memoryLimit: 1.5,
      scratchFolder: '/tmp/s',
      cacheFolder: '~/c',
      gramCacheLimit: 0.5,
      calibrationText: ' a.txt ',
    };
    expect(read(settings)).toEqual({
      compute: { provider: 'cpu', threads: 2, memoryLimitBytes: 1.5 * 2 ** 30, scratchFolder: '/tmp/s', gramCacheBytes: 2 ** 29 },
      cacheFolder: join(homedir(), 'c'),
      calibrationText: 'a.txt',
    });
  });

  it.each<[SettingName, unknown]>([
    ['provider', 'toString'],
    ['provider', 3],
    ['threads', 1.5],
    ['threads', -1],
    ['threads', 1025],
    ['threads', '4'],
    ['memoryLimit', Number.NaN],
    ['memoryLimit', '4GiB'],
    ['scratchFolder', 'scratch'],
    ['cacheFolder', './cache'],
    ['gramCacheLimit', -1],
    ['calibrationText', 7],
  ])('refuses %s: %j, naming both', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(`secateur.${name} is`) }),
    );
  });
});

describe('the setting of the provider', () => {
  it('offers those the engine knows', () => {
    expect(Object.keys(providers)).toEqual([...engineProviders]);
  });
});

describe('the setting of the cache of Grams', () => {
  it('has the engine’s default', () => {
    expect(defaultGramCacheGiB * 2 ** 30).toBe(defaultGramCacheBytes);
  });
});
