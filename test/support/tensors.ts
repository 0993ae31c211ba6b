import { readFileSync } from 'node:fs';
import { memorySource } from '../../src/formats/byte-source.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';

/** Every tensor of a safetensors file of F32, F64 and I64 reference values, as plain numbers. */
export async function readReference(path: string): Promise<Record<string, { shape: readonly number[]; values: Float64Array }>> {
  const bytes = new Uint8Array(readFileSync(path));
  const { tensors, dataOffset } = await readSafetensorsHeader(memorySource(bytes), path);
  const read = (dtype: string, begin: number, end: number) => {
    const data = bytes.slice(dataOffset + begin, dataOffset + end).buffer;
    if (dtype === 'F64') return new Float64Array(data);
    return dtype === 'I64' ? Float64Array.from(new BigInt64Array(data), Number) : Float64Array.from(new Float32Array(data));
  };
  return Object.fromEntries([...tensors].map(([name, { dtype, shape, begin, end }]) => [name, { shape, values: read(dtype, begin, end) }]));
}
