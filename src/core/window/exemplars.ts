import type { Evidence } from './evidence.ts';
import { EXEMPLARS_PER_FINDING } from './limits.ts';
import type { OpenWindow, TrackedFinding } from './state.ts';

/** Whose line it is, where it is not one of the finding's own. */
export interface ExemplarOrigin {
  /** Another service, whose line names this one. */
  readonly serviceName?: string;
  /** Another line of the same service from the same bucket. */
  readonly nearTemplateId?: string;
}

/** Further exemplars must show something that those before do not. */
export function addExemplar(
  window: OpenWindow,
  tracked: TrackedFinding,
  item: Evidence,
  origin: ExemplarOrigin = {},
): void {
  const { exemplars } = tracked.samples;
  if (exemplars.length >= EXEMPLARS_PER_FINDING) return;
  if (exemplars.some((exemplar) => shapeOf(exemplar.body) === shapeOf(item.body))) return;
  const { position, timeMs, truncated } = item.kept;
  const { source, topic, partition, offset, index } = position;
  const { body, traceId, spanId } = item;
  // What is shown is evidence: it never lies after the end of it.
  tracked.evidenceEndMs = Math.max(tracked.evidenceEndMs, timeMs);
  tracked.samples.isChanged = true;
  exemplars.push({
    ref: `E${window.nextExemplar++}`,
    serviceName: origin.serviceName ?? '',
    nearTemplateId: origin.nearTemplateId ?? '',
    timeMs,
    body,
    traceId,
    spanId,
    source,
    topic,
    partition,
    offset,
    index,
    truncated,
  });
}

/** The first line without its numbers. */
function shapeOf(body: string): string {
  return body.split('\n', 1)[0]!.replace(/[0-9]+/g, '0');
}
