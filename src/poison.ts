import { isUtf8 } from 'node:buffer';
import type {
  DeadLetter,
  DeadLetterReason,
  DeadLetters,
  Malformed,
  Message,
  PartitionRef,
} from './contracts.ts';
import type { Defect } from './core/decode/wire.ts';
import { type BatchDefect, batchDefect } from './kafka/corrupt-batch.ts';

/** Why a message could not be read, in all its kinds: the label `reason` of the metric, and what a dead letter calls it. */
const LETTER_REASON: Readonly<Record<Defect | BatchDefect, DeadLetterReason>> = {
  truncated: 'malformed',
  bad_varint: 'malformed',
  bad_tag: 'malformed',
  bad_wire_type: 'malformed',
  bad_group: 'malformed',
  bad_json: 'malformed',
  not_otlp: 'malformed',
  not_text: 'malformed',
  too_large: 'too_large',
  checksum: 'corrupt_batch',
  compression: 'corrupt_batch',
  limit: 'decompression_limit',
};

type Reason = keyof typeof LETTER_REASON;
const REASONS = Object.keys(LETTER_REASON) as Reason[];

export interface PoisonOptions {
  /** Null: what cannot be read is counted only. */
  readonly letters: DeadLetters | null;
  /** Redacts text, or a JSON message value by value; null = redaction is off and everything is shown as it is. */
  readonly redact: ((value: Uint8Array) => Uint8Array) | null;
  /** Any clock in milliseconds that does not go back. */
  readonly nowMs: () => number;
}

/** Letters of one source and reason within a minute: enough to see the cause, too few to be a load. */
const SAMPLE_PER_MINUTE = 10;
const MINUTE_MS = 60_000;
/** How much of a message is looked at, so that the end of what is shown is not the middle of a secret. */
const LOOKED_AT_BYTES_MAX = 65_536;
/** How much of it a letter shows. */
const SHOWN_BYTES_MAX = 4_096;
const EMPTY = new Uint8Array(0);

/** Counts every message that could not be read, and hands on a sample of them: bounded, redacted, with why and from where. */
export class Poison {
  readonly #options: PoisonOptions;
  readonly #counts = new Map<string, Record<Reason, number>>();
  /** Source and reason → the minute under way. As many entries as sources times reasons. */
  readonly #minutes = new Map<string, { startMs: number; taken: number }>();

  constructor(options: PoisonOptions) {
    this.#options = options;
  }

  /** Source → reason → messages; a source that was made known shows zeros. */
  get counts(): ReadonlyMap<string, Readonly<Record<string, number>>> {
    return this.#counts;
  }

  know(source: string): void {
    if (this.#counts.has(source)) return;
    const none = Object.fromEntries(REASONS.map((reason) => [reason, 0]));
    this.#counts.set(source, none as Record<Reason, number>);
  }

  take(ref: PartitionRef, message: Message, malformed: Malformed): void {
    const defect = batchDefect(message.value);
    const reason = defect ?? (malformed.reason as Reason);
    this.know(ref.source);
    this.#counts.get(ref.source)![reason]++;
    const { letters } = this.#options;
    if (letters === null || !this.#maySample(`${ref.source} ${reason}`)) return;
    letters.take(
      defect === null ? this.#letter(ref, message, malformed, reason) : batchLetter(ref, message, defect),
    );
  }

  #maySample(key: string): boolean {
    const now = this.#options.nowMs();
    let minute = this.#minutes.get(key);
    if (minute === undefined || now - minute.startMs >= MINUTE_MS) {
      minute = { startMs: now, taken: 0 };
      this.#minutes.set(key, minute);
    }
    return minute.taken++ < SAMPLE_PER_MINUTE;
  }

  #letter(ref: PartitionRef, message: Message, { at }: Malformed, reason: Reason): DeadLetter {
    const { value, key } = message;
    const shown = this.#show(value);
    return {
      ...place(ref, message),
      reason: LETTER_REASON[reason],
      detail: `${reason} at byte ${at} of ${value.length}; its first ${shown.length} bytes are shown`,
      ...(key === undefined || key === null ? {} : { key: this.#show(key) }),
      value: shown,
    };
  }

  /**
   * The beginning of a message. Text is redacted as such. Of anything else letters and digits are hidden: nobody can tell
   * a secret's name from its value in a broken structure, and its tags and lengths, which tell what broke it, remain.
   */
  #show(value: Uint8Array): Uint8Array {
    const head = value.subarray(0, LOOKED_AT_BYTES_MAX);
    const { redact } = this.#options;
    const text = wholeCharacters(head);
    const safe = redact === null ? head : isText(text) && !isStructure(text) ? redact(text) : hideWords(head);
    return new Uint8Array(safe.subarray(0, SHOWN_BYTES_MAX));
  }
}

/** Compressed bytes may hold any secret and cannot be redacted: the letter says where the batch is and shows none of it. */
function batchLetter(ref: PartitionRef, message: Message, defect: BatchDefect): DeadLetter {
  return {
    ...place(ref, message),
    reason: LETTER_REASON[defect],
    detail: `record batch, ${defect}: nothing of it can be shown`,
    value: EMPTY,
  };
}

function place(ref: PartitionRef, { offset, referenceTimeMs }: Message) {
  const { source, topic, partition } = ref;
  return { source, topic, partition, offset, timestampMs: referenceTimeMs };
}

/** Without the part of a character that a cut left at the end. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  for (let i = 1; i <= 3 && i <= bytes.length; i++) {
    const byte = bytes[bytes.length - i]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (i < wanted) end = bytes.length - i;
      break;
    }
  }
  return bytes.subarray(0, end);
}

function isText(bytes: Uint8Array): boolean {
  return (
    isUtf8(bytes) && !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  );
}

/** JSON that was cut or is broken: values stand apart from the keys that would name them secret. */
function isStructure(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

function hideWords(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (isWordByte(byte) ? HIDDEN : byte));
}

const HIDDEN = 0x78;

/** Letters and digits, and every byte of a character beyond ASCII. */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  return byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}
