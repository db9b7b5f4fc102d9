// The LogRecords of a message that need no careful reading, which is nearly all of them: the kernel finds their fields, and
// what is known of their bodies, many records in one call.
import type { LogRecord, RecordSkimmer } from '../../contracts.ts';
import * as layout from './kernel-layout.ts';
import type { LineKernel } from './line-kernel.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const SKIMMED = layout.SKIMMED / 4;
const WORDS = layout.RECORD_BYTES / 4;
const RECORD_FROM = layout.RECORD_FROM / 4;
const RECORD_TO = layout.RECORD_TO / 4;
const BODY_FROM = layout.BODY_FROM / 4;
const BODY_TO = layout.BODY_TO / 4;
const TRACE_ID = layout.TRACE_ID / 4;
const SEVERITY = layout.SEVERITY / 4;
const SEVERITY_TEXT_FROM = layout.SEVERITY_TEXT_FROM / 4;
const SEVERITY_TEXT_TO = layout.SEVERITY_TEXT_TO / 4;
const EVENT_FROM = layout.EVENT_FROM / 4;
const EVENT_TO = layout.EVENT_TO / 4;
const BODY_KNOWN = layout.BODY_KNOWN / 4;
const TRACE_HASH = layout.TRACE_HASH / 4;
const TIME = layout.TIME / 8;
const OBSERVED_TIME = layout.OBSERVED_TIME / 8;

export class KernelSkimmer implements RecordSkimmer {
  severityTextStart = 0;
  severityTextEnd = 0;
  private readonly kernel: LineKernel;
  private readonly looksUp: boolean;
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  /** How often the kernel had forgotten its lines when the records in hand were skimmed. */
  private forgotten = 0;

  /** `looksUp`: bodies are looked for among the known lines. */
  constructor(kernel: LineKernel, looksUp: boolean) {
    this.kernel = kernel;
    this.looksUp = looksUp;
    this.words = new Int32Array(kernel.bytes.buffer);
    this.numbers = new Float64Array(kernel.bytes.buffer);
  }

  get end(): number {
    return this.kernel.skimmedTo;
  }

  holds(message: Uint8Array): boolean {
    return this.kernel.holds(message);
  }

  skim(start: number, end: number): number {
    const { kernel } = this;
    const records = kernel.skim(start, end, this.looksUp);
    this.forgotten = kernel.forgotten;
    return records;
  }

  take(i: number, record: LogRecord): void {
    const { words, numbers } = this;
    const row = SKIMMED + i * WORDS;
    record.wireStart = words[row + RECORD_FROM]!;
    record.wireEnd = words[row + RECORD_TO]!;
    record.bodyStart = words[row + BODY_FROM]!;
    record.bodyEnd = words[row + BODY_TO]!;
    record.traceIdStart = words[row + TRACE_ID]!;
    record.traceHash = words[row + TRACE_HASH]!;
    record.severityNumber = words[row + SEVERITY]!;
    record.eventStart = words[row + EVENT_FROM]!;
    record.eventEnd = words[row + EVENT_TO]!;
    record.timeMs = numbers[row / 2 + TIME]!;
    record.observedMs = numbers[row / 2 + OBSERVED_TIME]!;
    // Void once the kernel has forgotten its lines: a record in front of this one may have been one line too many.
    record.known = this.forgotten === this.kernel.forgotten ? words[row + BODY_KNOWN]! : 0;
    this.severityTextStart = words[row + SEVERITY_TEXT_FROM]!;
    this.severityTextEnd = words[row + SEVERITY_TEXT_TO]!;
  }
}
