import type { TemplateCount } from '../../contracts.ts';

/** The `most` templates with the most records, in this order; of equally busy ones those with the smaller ids. */
export function busiest(templates: readonly TemplateCount[], most: number): TemplateCount[] {
  const found: TemplateCount[] = [];
  const records: number[] = [];
  for (const count of templates) {
    const own = count.records;
    let at = found.length;
    while (at > 0 && isBefore(own, count, records[at - 1]!, found[at - 1]!)) {
      // The last of too many falls out.
      if (at < most) {
        found[at] = found[at - 1]!;
        records[at] = records[at - 1]!;
      }
      at--;
    }
    if (at === most) continue;
    found[at] = count;
    records[at] = own;
  }
  return found;
}

function isBefore(aRecords: number, a: TemplateCount, bRecords: number, b: TemplateCount): boolean {
  return aRecords > bRecords || (aRecords === bRecords && a.templateId < b.templateId);
}
