/** The only error class that winnow throws on purpose. Anything else that escapes is a bug. */
export class WinnowError extends Error {
  /** Stable string for scripts and tests, e.g. `WINNOW_CONFIG_INVALID`. */
  readonly code: string;
  /** True: the same call may succeed later. False: the same input fails again. */
  readonly retryable: boolean;
  /** What the operator can do about it, or undefined. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: WinnowErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WinnowError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
  }
}

export interface WinnowErrorOptions {
  retryable?: boolean;
  hint?: string;
  cause?: unknown;
}

/** Throws when an invariant of winnow itself is broken; never used to judge input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`BUG: ${message}`);
}
