import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { WinnowError } from '../errors.ts';
import { encodeEntry, MAX_ENTRY_BYTES } from './journal-entry.ts';
import { JournalReader } from './journal-reader.ts';
import {
  createSegment,
  journalError,
  listSegments,
  openTail,
  type Segment,
  type Tail,
} from './journal-segment.ts';

export interface JournalOptions {
  /** Created if missing, readable by its owner only. One process at a time. */
  readonly directory: string;
  /** Applied to every value before it is written anywhere. */
  readonly redact?: (value: Uint8Array) => Uint8Array;
  /** A segment is closed above this; only whole segments are deleted. */
  readonly segmentBytes?: number;
}

/** Small enough that what was consumed is soon deleted, large enough that a directory holds few files. */
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;

/**
 * An append-only queue on disk for sources that cannot be rewound. Entries have consecutive offsets from 0; an entry is
 * durable, and can be read, when the `sync` that follows its `append` has resolved. Files: segments named after the offset
 * of their first entry. A crash may leave a torn last entry, which was never durable: opening cuts it off.
 */
export class Journal {
  /** Bytes that opening cut from the end of the last segment. */
  readonly cutBytes: number;
  readonly #options: JournalOptions;
  /** For readers. */
  readonly segments: Segment[];
  #handle: FileHandle;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #nextOffset: number;
  #durableOffset: number;
  #syncing: Promise<void> | null = null;
  #failure: unknown = null;
  #closed = false;

  private constructor(options: JournalOptions, segments: Segment[], tail: Tail) {
    this.#options = options;
    this.segments = segments;
    this.#handle = tail.handle;
    this.#nextOffset = tail.nextOffset;
    this.#durableOffset = tail.nextOffset;
    this.cutBytes = tail.cutBytes;
  }

  /**
   * Opens the journal of a directory, or begins one. New entries have offsets from `readTo` on at least: where the store
   * has read further than the journal goes (its files were lost or are an old copy), lower ones would be taken for old.
   */
  static async open(options: JournalOptions, readTo = 0): Promise<Journal> {
    const { directory } = options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const segments = await listSegments(directory);
      if (segments.length === 0) segments.push(await createSegment(directory, readTo));
      let tail = await openTail(segments.at(-1)!);
      if (tail.nextOffset < readTo) {
        await tail.handle.close();
        segments.push(await createSegment(directory, readTo));
        tail = { ...(await openTail(segments.at(-1)!)), cutBytes: tail.cutBytes };
      }
      return new Journal(options, segments, tail);
    } catch (error) {
      throw journalError('open', directory, error);
    }
  }

  /** Offset after the last durable entry. */
  get durableOffset(): number {
    return this.#durableOffset;
  }

  /** Offset of the first entry that is kept. */
  get firstOffset(): number {
    return this.segments[0]!.firstOffset;
  }

  /** Bytes appended and not yet durable. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes on disk. */
  get sizeBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Copies the value; returns the offset it will have. Nothing is written before `sync`. */
  append(value: Uint8Array, referenceTimeMs: number): number {
    if (this.#failure !== null) throw this.#failure;
    const redacted = this.#options.redact?.(value) ?? value;
    if (redacted.length > MAX_ENTRY_BYTES) {
      const message = `append to journal ${this.#options.directory}: ${redacted.length} bytes exceed ${MAX_ENTRY_BYTES}`;
      throw new WinnowError('WINNOW_JOURNAL_ENTRY_TOO_LARGE', message);
    }
    const entry = encodeEntry(redacted, referenceTimeMs);
    this.#pending.push(entry);
    this.#pendingBytes += entry.length;
    this.#nextOffset += 1;
    return this.#nextOffset - 1;
  }

  /**
   * Resolves when everything appended before is on the disk; concurrent callers share one flush. Rejects when it cannot
   * be; the journal then takes nothing more, because how much of the write arrived is unknown until it is opened again.
   */
  async sync(): Promise<void> {
    const wanted = this.#nextOffset;
    while (this.#durableOffset < wanted) {
      if (this.#failure !== null) throw this.#failure;
      this.#syncing ??= this.#flush().finally(() => {
        this.#syncing = null;
      });
      await this.#syncing;
    }
  }

  /** Reads from `offset` on (at the first kept entry if that is later), also while the journal grows. */
  reader(offset: number): JournalReader {
    return new JournalReader(this, Math.max(offset, this.firstOffset));
  }

  /** Deletes the segments all of whose entries are below `offset`, except the one being written. */
  async truncateBefore(offset: number): Promise<void> {
    while (this.segments.length > 1 && this.segments[1]!.firstOffset <= offset) {
      await unlink(this.segments[0]!.path).catch(ignoreMissing);
      this.segments.shift();
    }
  }

  /** Flushes and closes. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (this.#failure === null) await this.sync();
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    try {
      if (this.#roomBytes() <= 0) await this.#rotate();
      const batch = this.#takePending();
      const bytes = Buffer.concat(batch);
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      this.segments.at(-1)!.bytes += bytes.length;
      this.#durableOffset += batch.length;
      this.#pendingBytes -= bytes.length;
    } catch (error) {
      this.#failure = journalError('write', this.#options.directory, error);
      throw this.#failure;
    }
  }

  /** Room in the last segment. */
  #roomBytes(): number {
    return (this.#options.segmentBytes ?? DEFAULT_SEGMENT_BYTES) - this.segments.at(-1)!.bytes;
  }

  /** What fits into the last segment, and one entry at least. */
  #takePending(): Buffer[] {
    let roomBytes = this.#roomBytes();
    let count = 0;
    while (count < this.#pending.length && (count === 0 || roomBytes > 0)) {
      roomBytes -= this.#pending[count]!.length;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  async #rotate(): Promise<void> {
    const segment = await createSegment(this.#options.directory, this.#durableOffset);
    const handle = await open(segment.path, 'a');
    await this.#handle.close();
    this.#handle = handle;
    this.segments.push(segment);
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
