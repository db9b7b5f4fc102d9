// How well templates match a labelled corpus. GA as in logpai/logparser `utils/evaluator.py`; FGA, PA and FTA as in
// logpai/loghub-2.0 `benchmark/evaluation`. Lines are grouped by template text on both sides.

export interface Accuracy {
  /** Lines whose group has exactly the lines of the true group / lines. */
  readonly ga: number;
  /** F1 over groups: correctly found groups against predicted and true groups. */
  readonly fga: number;
  /** Lines whose template is exactly the true one / lines. */
  readonly pa: number;
  /** F1 over templates: a template counts when all its lines have exactly that true template. */
  readonly fta: number;
  readonly lines: number;
  readonly trueGroups: number;
  readonly groups: number;
}

/** Typed slots of either side read as `<*>`. */
export function normalise(template: string): string {
  return template.replace(/<:?[A-Za-z_][A-Za-z0-9_]*:?>|<:\*:>/g, '<*>');
}

/** `truth[i]` and `predicted[i]` are the templates of line i; lines with an empty truth are left out. */
export function accuracy(truth: readonly string[], predicted: readonly string[]): Accuracy {
  const trueSize = new Map<string, number>();
  const size = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  let lines = 0;
  let exact = 0;
  truth.forEach((expected, i) => {
    if (expected === '') return;
    const found = predicted[i] ?? '';
    lines++;
    if (expected === found) exact++;
    count(trueSize, expected);
    count(size, found);
    const inner = pairs.get(found) ?? new Map<string, number>();
    pairs.set(found, inner);
    count(inner, expected);
  });
  let groupsFound = 0;
  let linesFound = 0;
  let templatesFound = 0;
  for (const [found, inner] of pairs) {
    if (inner.size !== 1) continue;
    const [expected, shared] = [...inner][0]!;
    if (trueSize.get(expected) === shared) {
      groupsFound++;
      linesFound += shared;
    }
    if (expected === found) templatesFound++;
  }
  return {
    ga: linesFound / lines,
    fga: f1(groupsFound / size.size, groupsFound / trueSize.size),
    pa: exact / lines,
    fta: f1(templatesFound / size.size, templatesFound / trueSize.size),
    lines,
    trueGroups: trueSize.size,
    groups: size.size,
  };
}

function f1(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
