/** Merges the parts of the manifest's contributions into one. */

type Plain = Readonly<Record<string, unknown>>;

/**
 * Lists follow one another, maps are merged key by key.
 *
 * @throws TypeError where two parts say one key, and it is neither a list nor a map in both
 */
export function mergeParts(parts: readonly object[]): Plain {
  return parts.reduce<Plain>((merged, part) => mergeMaps(merged, part as Plain, 'contributes'), {});
}

function mergeMaps(a: Plain, b: Plain, path: string): Plain {
  const merged = Object.entries(b).map(([key, value]) => [
    key,
    Object.hasOwn(a, key) ? mergeValues(a[key], value, `${path}.${key}`) : value,
  ]);
  return { ...a, ...Object.fromEntries(merged) };
}

function mergeValues(a: unknown, b: unknown, path: string): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (isMap(a) && isMap(b)) return mergeMaps(a, b, path);
  throw new TypeError(`${path} is said twice`);
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
