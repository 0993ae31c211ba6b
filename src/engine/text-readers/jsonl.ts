/** JSON lines: every line that is not blank is an object, one field of which is a document's text. */

import { createReadStream } from 'node:fs';
import { SecateurError } from '../../error.ts';
import { throwIfCancelled } from '../context.ts';
import { openByteSource } from '../files.ts';
import type { DocumentOptions, Documents } from './documents.ts';
import { refuseLargeText } from './plain.ts';
import { decodeUtf8 } from './utf8.ts';

/** Where each line that is not blank lies in the file. */
interface Lines {
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** Reads the file once to find its lines; only the lines asked for are read again, and parsed. */
export async function openJsonl(path: string, { field, signal }: DocumentOptions): Promise<Documents> {
  const source = await openByteSource(path);
  try {
    const { begins, ends } = await findLines(path, signal);
    return {
      count: begins.length,
      async read(indices) {
        const texts: string[] = [];
        for (const i of indices) {
          refuseLargeText(ends[i] - begins[i], path);
          const line = decodeUtf8(await source.read(begins[i], ends[i] - begins[i]), path, begins[i]);
          texts.push(await textOf(line, field, async () => `${path}: line ${await lineNumber(path, begins[i])}`));
        }
        return texts;
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function findLines(path: string, signal: AbortSignal | undefined): Promise<Lines> {
  const begins: number[] = [];
  const ends: number[] = [];
  let begin = 0;
  let offset = 0;
  let isBlank = true;
  const endLine = (at: number) => {
    if (!isBlank) {
      begins.push(begin);
      ends.push(at);
    }
    begin = at + 1;
    isBlank = true;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    if (signal) throwIfCancelled(signal);
    for (let i = 0; i < chunk.length; i++) {
      if (chunk[i] === 0x0a) endLine(offset + i);
      else if (isBlank && chunk[i] !== 0x20 && chunk[i] !== 0x09 && chunk[i] !== 0x0d) isBlank = false;
    }
    offset += chunk.length;
  }
  endLine(offset);
  return { begins, ends };
}

async function textOf(line: string, field: string, where: () => Promise<string>): Promise<string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new SecateurError('BAD_FILE', `${await where()} is not JSON: ${(cause as Error).message}`, 'Each line must be one JSON object.', {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SecateurError('BAD_FILE', `${await where()} is not a JSON object`, `Each line must be like {"${field}": "…"}.`);
  const text = (value as Record<string, unknown>)[field];
  if (typeof text === 'string') return text;
  const texts = Object.entries(value).filter(([, item]) => typeof item === 'string');
  throw new SecateurError(
    'BAD_FILE',
    `${await where()}: "${field}" is ${text === undefined ? 'missing' : `${JSON.stringify(text)?.slice(0, 40)}, not a text`}`,
    `Set field to one that holds a text: ${texts.map(([key]) => key).join(', ') || 'this line has none'}.`,
  );
}

/** Counted only when a message needs it. */
async function lineNumber(path: string, offset: number): Promise<number> {
  let line = 1;
  if (offset > 0)
    for await (const chunk of createReadStream(path, { end: offset - 1 }) as AsyncIterable<Buffer>)
      for (const byte of chunk) if (byte === 0x0a) line++;
  return line;
}
