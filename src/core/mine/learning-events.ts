// What learning did since it was last asked. Only what existed before is named: the rest nobody has seen.
import type { LearntTemplate } from './template.ts';

export class LearningEvents {
  readonly created = new Set<LearntTemplate>();
  /** Those created with a known template one place away. */
  readonly candidates = new Set<LearntTemplate>();
  readonly generalised = new Set<LearntTemplate>();
  readonly merged: (readonly [id: string, into: LearntTemplate])[] = [];
}
