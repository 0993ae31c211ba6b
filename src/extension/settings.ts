/** Reads the settings, and says which of them has a value it cannot have. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SecateurError } from '../error.ts';
import type { ComputeSettings } from '../protocol/engine.ts';
import { defaultGramCacheGiB, providers, type SettingName } from './contributes/settings.ts';

export interface Settings {
  readonly compute: ComputeSettings;
  /** `null`: the workspace folder of the recipe. */
  readonly cacheFolder: string | null;
  /** For new recipes, as it was written. */
  readonly calibrationText: string;
}

/**
 * @param get  the value of a setting, unchecked; `undefined` where there is none
 * @throws     `BAD_ARGUMENT` naming the setting, its value and what it may be
 */
export function readSettings(get: (name: SettingName) => unknown): Settings {
  const provider = text(get, 'provider') ?? 'auto';
  if (!Object.hasOwn(providers, provider)) refuse('provider', provider, `one of ${Object.keys(providers).join(', ')}`);
  const threads = amount(get, 'threads');
  if (!Number.isInteger(threads) || threads > 1024) refuse('threads', threads, 'a whole number from 0 to 1024');
  const memoryLimit = amount(get, 'memoryLimit');
  const scratchFolder = folder(get, 'scratchFolder');
  const gramCacheLimit = amount(get, 'gramCacheLimit', defaultGramCacheGiB);
  return {
    compute: {
      provider,
      ...(threads > 0 && { threads }),
      ...(memoryLimit > 0 && { memoryLimitBytes: Math.round(memoryLimit * 2 ** 30) }),
      ...(scratchFolder !== null && { scratchFolder }),
      ...(gramCacheLimit !== defaultGramCacheGiB && { gramCacheBytes: Math.round(gramCacheLimit * 2 ** 30) }),
    },
    cacheFolder: folder(get, 'cacheFolder'),
    calibrationText: text(get, 'calibrationText') ?? 'default',
  };
}

/** `null` stands for a text without a letter, too. */
function text(get: (name: SettingName) => unknown, name: SettingName): string | null {
  const value = get(name) ?? '';
  if (typeof value !== 'string') refuse(name, value, 'a text');
  return value.trim() === '' ? null : value.trim();
}

function amount(get: (name: SettingName) => unknown, name: SettingName, otherwise = 0): number {
  const value = get(name) ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) refuse(name, value, 'a number from 0');
  return value;
}

function folder(get: (name: SettingName) => unknown, name: SettingName): string | null {
  const path = text(get, name)?.replace(/^~(?=$|[\\/])/, homedir()) ?? null;
  if (path !== null && !isAbsolute(path)) refuse(name, path, `a whole path, such as ${join(homedir(), 'scratch')}`);
  return path;
}

function refuse(name: SettingName, value: unknown, allowed: string): never {
  throw new SecateurError(
    'BAD_ARGUMENT',
    `the setting secateur.${name} is ${JSON.stringify(value)}, not ${allowed}`,
    'Change it in the settings.',
  );
}
