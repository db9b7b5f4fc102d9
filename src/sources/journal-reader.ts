import { type FileHandle, open } from 'node:fs/promises';
import { decodeEntries, type JournalEntry } from './journal-entry.ts';
import { journalError, READ_BYTES, type Segment } from './journal-segment.ts';

/** What a reader sees of its journal, which grows and shrinks meanwhile. */
export interface ReadableJournal {
  /** Offset after the last durable entry. */
  readonly durableOffset: number;
  readonly segments: readonly Segment[];
}

/** Reads a journal in order. Keep one per consumer: it remembers where in which file it is. */
export class JournalReader {
  /** Offset of the entry that `next` returns first. */
  offset: number;
  readonly #journal: ReadableJournal;
  #segment: Segment | null = null;
  #handle: FileHandle | null = null;
  #position = 0;
  /** Offset of the entry at `#position`; below `offset` while seeking. */
  #entryOffset = 0;

  constructor(journal: ReadableJournal, offset: number) {
    this.#journal = journal;
    this.offset = offset;
  }

  /** Durable bytes on disk that were not read yet. */
  get backlogBytes(): number {
    if (this.offset >= this.#journal.durableOffset) return 0;
    const from = this.#segment === null ? 0 : this.#journal.segments.indexOf(this.#segment);
    return (
      this.#journal.segments.slice(from).reduce((sum, segment) => sum + segment.bytes, 0) - this.#position
    );
  }

  /** Some of the durable entries, at least one of any size; empty when there is none. */
  async next(maxEntries: number, maxBytes: number): Promise<JournalEntry[]> {
    try {
      while (this.offset < this.#journal.durableOffset) {
        await this.#openSegment();
        const entries = await this.#readSome(maxEntries, maxBytes);
        if (entries.length > 0) return entries;
      }
      return [];
    } catch (error) {
      throw journalError('read', this.#segment?.path ?? 'journal', error);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #openSegment(): Promise<void> {
    const segment = this.#segmentOf(this.offset);
    if (segment === this.#segment && this.#handle !== null) return;
    await this.close();
    this.#handle = await open(segment.path, 'r');
    this.#segment = segment;
    this.#position = 0;
    this.#entryOffset = segment.firstOffset;
  }

  /** The segment that holds `offset`; moves on to the next one where there is a gap. */
  #segmentOf(offset: number): Segment {
    const i = this.#journal.segments.findLastIndex((candidate) => candidate.firstOffset <= offset);
    const next = this.#journal.segments[i + 1];
    const atEnd =
      i >= 0 && this.#journal.segments[i] === this.#segment && this.#position >= this.#segment.bytes;
    if (i >= 0 && !(atEnd && next !== undefined)) return this.#journal.segments[i]!;
    if (next === undefined) throw new Error(`entry ${offset} was deleted`);
    this.offset = next.firstOffset;
    return next;
  }

  /** Reads one stretch of the segment; empty when it held only entries before `offset`. */
  async #readSome(maxEntries: number, maxBytes: number): Promise<JournalEntry[]> {
    let bytes = await this.#readAt(READ_BYTES);
    let decoded = decodeEntries(bytes, this.#entryOffset);
    if (decoded.entries.length === 0 && decoded.missingBytes > 0) {
      bytes = await this.#readAt(bytes.length + decoded.missingBytes);
      decoded = decodeEntries(bytes, this.#entryOffset);
    }
    if (decoded.entries.length === 0)
      throw new Error(`entry ${this.#entryOffset} at byte ${this.#position} is damaged`);
    const result: JournalEntry[] = [];
    let resultBytes = 0;
    for (const entry of decoded.entries) {
      const wanted = entry.offset >= this.offset;
      if (
        wanted &&
        (result.length >= maxEntries || (result.length > 0 && resultBytes + entry.value.length > maxBytes))
      )
        break;
      if (entry.offset >= this.#journal.durableOffset) break;
      if (wanted) {
        result.push(entry);
        resultBytes += entry.value.length;
        this.offset = entry.offset + 1;
      }
      this.#position += entry.storedBytes;
      this.#entryOffset = entry.offset + 1;
    }
    return result;
  }

  async #readAt(length: number): Promise<Buffer> {
    const { bytesRead, buffer } = await this.#handle!.read(
      Buffer.allocUnsafeSlow(length),
      0,
      length,
      this.#position,
    );
    return buffer.subarray(0, bytesRead);
  }
}
