import { z } from 'zod';
import { patternProblem, USER_MASKS_MAX } from './user-masks.ts';

const text = z.string().min(1);

/** The user's masking rules in the configuration file. */
export const maskingSchema = z
  .array(z.strictObject({ name: text, pattern: text.superRefine(checkPattern) }))
  .max(USER_MASKS_MAX)
  .default([])
  .describe('own variables, as literal text and classes: ACME-<digits>; see docs/masking.md');

function checkPattern(pattern: string, context: z.RefinementCtx): void {
  const message = patternProblem(pattern);
  if (message !== null) context.addIssue({ code: 'custom', message });
}
