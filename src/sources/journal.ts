import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { WinnowError } from '../errors.ts';
import { decodeEntries, encodeEntry, type JournalEntry, MAX_ENTRY_BYTES } from './journal-entry.ts';

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

/** One read of a reader; a larger entry is read in one piece. */
const READ_BYTES = 1024 * 1024;

const SEGMENT_NAME = /^(\d{16})\.journal$/;

/**
 * An append-only queue on disk for sources that cannot be rewound. Entries have consecutive offsets from 0; an entry is
 * durable, and can be read, when the `sync` that follows its `append` has resolved. Files: segments named after the offset
 * of their first entry. A crash may leave a torn last entry, which was never durable: opening cuts it off.
 */
export class Journal {
  /** Bytes that opening cut from the end of the last segment. */
  readonly cutBytes: number;
  readonly #options: JournalOptions;
  readonly #segments: Segment[];
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
    this.#segments = segments;
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
    return this.#segments[0]!.firstOffset;
  }

  /** Bytes appended that no `sync` has taken up yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes on disk. */
  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
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
    return new JournalReader(this, Math.max(offset, this.firstOffset), this.#segments);
  }

  /** Deletes the segments all of whose entries are below `offset`, except the one being written. */
  async truncateBefore(offset: number): Promise<void> {
    while (this.#segments.length > 1 && this.#segments[1]!.firstOffset <= offset) {
      await unlink(this.#segments[0]!.path).catch(ignoreMissing);
      this.#segments.shift();
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
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      if (this.#segments.at(-1)!.bytes >= (this.#options.segmentBytes ?? DEFAULT_SEGMENT_BYTES))
        await this.#rotate();
      const bytes = Buffer.concat(batch);
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      this.#segments.at(-1)!.bytes += bytes.length;
      this.#durableOffset += batch.length;
    } catch (error) {
      this.#failure = journalError('write', this.#options.directory, error);
      throw this.#failure;
    }
  }

  async #rotate(): Promise<void> {
    const segment = await createSegment(this.#options.directory, this.#durableOffset);
    const handle = await open(segment.path, 'a');
    await this.#handle.close();
    this.#handle = handle;
    this.#segments.push(segment);
  }
}

/** Reads a journal in order. Keep one per consumer: it remembers where in which file it is. */
export class JournalReader {
  /** Offset of the entry that `next` returns first. */
  offset: number;
  readonly #journal: Journal;
  /** The journal's own list: grows and shrinks with it. */
  readonly #segments: readonly Segment[];
  #segment: Segment | null = null;
  #handle: FileHandle | null = null;
  #position = 0;
  /** Offset of the entry at `#position`; below `offset` while seeking. */
  #entryOffset = 0;

  constructor(journal: Journal, offset: number, segments: readonly Segment[]) {
    this.#journal = journal;
    this.#segments = segments;
    this.offset = offset;
  }

  /** Durable bytes on disk that were not read yet. */
  get backlogBytes(): number {
    if (this.offset >= this.#journal.durableOffset) return 0;
    const from = this.#segment === null ? 0 : this.#segments.indexOf(this.#segment);
    return this.#segments.slice(from).reduce((sum, segment) => sum + segment.bytes, 0) - this.#position;
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
    const i = this.#segments.findLastIndex((candidate) => candidate.firstOffset <= offset);
    const next = this.#segments[i + 1];
    const atEnd = i >= 0 && this.#segments[i] === this.#segment && this.#position >= this.#segment.bytes;
    if (i >= 0 && !(atEnd && next !== undefined)) return this.#segments[i]!;
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

/** `bytes` counts what is durable. */
interface Segment {
  readonly path: string;
  readonly firstOffset: number;
  bytes: number;
}

interface Tail {
  readonly handle: FileHandle;
  readonly nextOffset: number;
  readonly cutBytes: number;
}

async function listSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const match = SEGMENT_NAME.exec(name);
    if (match === null) continue;
    const path = join(directory, name);
    const handle = await open(path, 'r');
    segments.push({ path, firstOffset: Number(match[1]), bytes: (await handle.stat()).size });
    await handle.close();
  }
  return segments;
}

async function createSegment(directory: string, firstOffset: number): Promise<Segment> {
  const path = join(directory, `${String(firstOffset).padStart(16, '0')}.journal`);
  // Exclusive, because there is nothing at this offset: a file here would be of another process.
  await (await open(path, 'ax', 0o600)).close();
  // The file's name is durable only when its directory is.
  const handle = await open(directory, 'r');
  await handle.sync();
  await handle.close();
  return { path, firstOffset, bytes: 0 };
}

/** Reads the last segment through, cuts what is behind its last whole entry, and opens it for appending. */
async function openTail(segment: Segment): Promise<Tail> {
  const handle = await open(segment.path, 'a+');
  let position = 0;
  let nextOffset = segment.firstOffset;
  for (let length = READ_BYTES; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(length), 0, length, position);
    const { entries, bytes, missingBytes } = decodeEntries(buffer.subarray(0, bytesRead), nextOffset);
    position += bytes;
    nextOffset += entries.length;
    if (entries.length === 0 && (missingBytes === 0 || bytesRead < length)) break;
    length = entries.length === 0 ? bytesRead + missingBytes : READ_BYTES;
  }
  const cutBytes = segment.bytes - position;
  if (cutBytes > 0) {
    await handle.truncate(position);
    await handle.datasync();
    segment.bytes = position;
  }
  return { handle, nextOffset, cutBytes };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

function journalError(action: string, where: string, cause: unknown): unknown {
  if (cause instanceof WinnowError || !(cause instanceof Error)) return cause;
  const full = 'code' in cause && cause.code === 'ENOSPC';
  return new WinnowError(
    full ? 'WINNOW_JOURNAL_FULL' : 'WINNOW_JOURNAL_FAILED',
    `${action} ${where}: ${cause.message}`,
    {
      retryable: full,
      hint: full ? 'free disk space and start again' : 'check the directory and its permissions',
      cause,
    },
  );
}
