import { type FileHandle, open } from 'node:fs/promises';
import { decodeEntries, type JournalEntry } from './journal-entry.ts';
import { journalError, READ_BYTES, type Segment } from './journal-segment.ts';

/** What a reader sees of its journal, which grows and shrinks meanwhile. */
export interface ReadableJournal {
  /** Offset after the last durable entry. */
  readonly durableOffset: number;
  readonly segments: readonly Segment[];
}

/**
 * Reads a journal in order. Keep one per consumer: it remembers where in which file it is, and holds the rest of its last
 * read (`READ_BYTES`, or one larger entry).
 */
export class JournalReader {
  /** Offset of the entry that `next` returns first. */
  offset: number;
  readonly #journal: ReadableJournal;
  #segment: Segment | null = null;
  #handle: FileHandle | null = null;
  /** Where the next read begins, and the offset of the entry there; that is below `offset` while seeking. */
  #position = 0;
  #entryOffset = 0;
  /** Entries that were read and not yet returned: from `#held[#taken]` on. */
  #held: readonly JournalEntry[] = [];
  #taken = 0;

  constructor(journal: ReadableJournal, offset: number) {
    this.#journal = journal;
    this.offset = offset;
  }

  /** Durable bytes on disk that were not read yet. */
  get backlogBytes(): number {
    const { segments, durableOffset } = this.#journal;
    if (this.offset >= durableOffset) return 0;
    const at = this.#segment === null ? -1 : segments.indexOf(this.#segment);
    let bytes = at < 0 ? 0 : -this.#position;
    for (const segment of segments.slice(Math.max(0, at))) bytes += segment.bytes;
    for (const entry of this.#held.slice(this.#taken)) bytes += entry.storedBytes;
    return bytes;
  }

  /** Some of the durable entries, at least one of any size; empty when there is none. */
  async next(maxEntries: number, maxBytes: number): Promise<JournalEntry[]> {
    try {
      for (;;) {
        const entries = this.#take(maxEntries, maxBytes);
        if (entries.length > 0 || this.offset >= this.#journal.durableOffset) return entries;
        await this.#openSegment();
        await this.#read();
      }
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

  #take(maxEntries: number, maxBytes: number): JournalEntry[] {
    const entries: JournalEntry[] = [];
    let bytes = 0;
    for (; this.#taken < this.#held.length && entries.length < maxEntries; this.#taken++) {
      const entry = this.#held[this.#taken]!;
      if (entry.offset >= this.#journal.durableOffset) break;
      if (entry.offset < this.offset) continue;
      bytes += entry.value.length;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(entry);
      this.offset = entry.offset + 1;
    }
    return entries;
  }

  /** Reads one stretch of the segment: what is written there, whether durable or not. */
  async #read(): Promise<void> {
    let bytes = await this.#readAt(READ_BYTES);
    let decoded = decodeEntries(bytes, this.#entryOffset);
    if (decoded.entries.length === 0 && decoded.missingBytes > 0) {
      bytes = await this.#readAt(bytes.length + decoded.missingBytes);
      decoded = decodeEntries(bytes, this.#entryOffset);
    }
    if (decoded.entries.length === 0) {
      throw new Error(`entry ${this.#entryOffset} at byte ${this.#position} is damaged`);
    }
    this.#held = decoded.entries;
    this.#taken = 0;
    this.#position += decoded.bytes;
    this.#entryOffset += decoded.entries.length;
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
