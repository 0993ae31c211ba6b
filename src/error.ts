/** The one error a user can meet and act on, the closed list of its codes, and how its words follow one another. */

export const errorCodes = {
  BAD_ARGUMENT: 'The command line or a call has an option that does not exist or a value out of range.',
  BAD_CHECKPOINT: 'The checkpoint is incomplete or contradicts itself.',
  BAD_FILE: 'A file is not what its format demands.',
  BAD_RECIPE: 'The recipe has problems.',
  BUDGET_INFEASIBLE: 'No allocation within the limits reaches the sparsity asked for.',
  BUSY: 'Another run is working on the same output, or the engine has another job.',
  CANCELLED: 'The user stopped the run.',
  DISK_FULL: 'The disk has less room than the run needs.',
  FILE_DENIED: 'The system does not let a file or folder be read or written.',
  FILE_MISSING: 'A file that was named is not there.',
  MEMORY_SHORT: 'The machine has less memory than the run needs.',
  NOT_FINITE: 'A NaN or an infinity where a number must be.',
  NOT_POSITIVE_DEFINITE: 'A Hessian cannot be factored even with the largest damping.',
  OUTPUT_EXISTS: 'The output folder exists already.',
  SHAPE_MISMATCH: 'Two things that must have one shape have two.',
  TEXT_TOO_SHORT: 'A text has fewer tokens than the run asks for.',
  UNSUPPORTED: 'Something Secateur does not know how to handle.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * What a user can meet and act on. Anything else that throws is a bug and shows as one.
 *
 * The message names the thing, the value and the limit; the hint says the way out.
 */
export class SecateurError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecateurError';
    this.code = code;
    this.hint = hint;
  }
}

/** A message with what ends a sentence, for where a hint follows it. */
export function withFullStop(message: string): string {
  return /[.?…]$/.test(message) ? message : `${message}.`;
}
