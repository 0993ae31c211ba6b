/** Turns what the file system refuses into an error that a user can act on. */

import { type ErrorCode, SecateurError } from '../error.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  EISDIR: 'FILE_MISSING',
  ENOENT: 'FILE_MISSING',
  ENOSPC: 'DISK_FULL',
  ENOTDIR: 'FILE_MISSING',
};

/** The error itself unless a system call failed; Node's message names the call and the file. */
export function fromSystem(error: unknown): unknown {
  const { code, syscall, path, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof SecateurError || code === undefined || syscall === undefined) return error;
  const known = Object.hasOwn(codes, code) ? codes[code] : 'FILE_DENIED';
  if (code === 'ENOENT' && path) return new SecateurError(known, `${path} is not there`, 'Put it back, then try again.', { cause: error });
  return new SecateurError(known, message, path ? `Look at ${path}.` : undefined, { cause: error });
}
