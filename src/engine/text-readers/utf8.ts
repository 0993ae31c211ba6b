/** Bytes to text, where every byte must be UTF-8. */

import { SecateurError } from '../../error.ts';

/**
 * @param offset  where the bytes lie in the file, for the message
 * @throws        `BAD_FILE` naming the byte where the first ill-formed sequence begins
 */
export function decodeUtf8(bytes: Uint8Array, label: string, offset = 0): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const at = findFault(bytes);
    const byte = bytes[at].toString(16).toUpperCase().padStart(2, '0');
    throw new SecateurError('BAD_FILE', `${label}: byte ${offset + at} (0x${byte}) is not UTF-8`, 'Save the file as UTF-8.', { cause });
  }
}

/** Where the first ill-formed sequence begins; the table of well-formed ones is 3-7 of the Unicode standard. */
function findFault(bytes: Uint8Array): number {
  let at = 0;
  for (;;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
}

/** Bytes of the well-formed sequence at `at`; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return 0;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (bytes[at + 1] < least || bytes[at + 1] > most) return 0;
  for (let i = 2; i < length; i++) if (bytes[at + i] >> 6 !== 0b10) return 0;
  return length;
}
