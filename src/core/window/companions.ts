import type { BucketView } from './bucket-view.ts';
import type { EvidenceReader } from './evidence.ts';
import { addExemplar } from './exemplars.ts';
import { compareText } from './format.ts';
import type { OpenWindow, WindowService } from './state.ts';

/** Lines shown beside a service's own findings. */
const COMPANIONS = 2;

/** A service with this many findings speaks for itself. */
const FINDINGS_ENOUGH = 3;

/**
 * Adds to the first finding of a service what else the service wrote at WARN and above in the same bucket. A budget may
 * let only one line of a failure speak, and that line may be the empty one of its traceback.
 */
export function addCompanions(
  window: OpenWindow,
  entry: WindowService,
  view: BucketView,
  reader: EvidenceReader,
  known: ReadonlyMap<string, unknown>,
): void {
  const own = window.findings.filter(({ finding }) => finding.service.key === entry.service.key);
  const mined = view.service(entry.service.key);
  const target = own[0];
  if (target === undefined || mined === undefined || own.length >= FINDINGS_ENOUGH) return;
  const shown = new Set(own.map(({ finding }) => finding.templateId));
  const { onsetMs } = target.finding;
  const others = mined.templates
    .filter((count) => !shown.has(count.templateId) && count.severity >= (count.created ? 2 : 3))
    .sort(
      (a, b) =>
        Number(b.created) - Number(a.created) ||
        b.severity - a.severity ||
        Math.abs(a.firstMs - onsetMs) - Math.abs(b.firstMs - onsetMs) ||
        compareText(a.templateId, b.templateId),
    )
    .slice(0, COMPANIONS);
  for (const count of others) {
    const item = reader.read(entry.service, count.templateId, count.exemplar, known);
    addExemplar(window, target, item, { nearTemplateId: count.templateId });
    target.samples.exception ??= item.exception;
    target.samples.isChanged = true;
  }
}
