import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WinnowError } from '../errors.ts';
import { decodeEntries } from './journal-entry.ts';

/** One read; a larger entry is read in one piece. */
export const READ_BYTES = 1024 * 1024;

const SEGMENT_NAME = /^(\d{16})\.journal$/;

/** `bytes` counts what is durable. */
export interface Segment {
  readonly path: string;
  readonly firstOffset: number;
  bytes: number;
}

export interface Tail {
  readonly handle: FileHandle;
  readonly nextOffset: number;
  readonly cutBytes: number;
}

export async function listSegments(directory: string): Promise<Segment[]> {
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

export async function createSegment(directory: string, firstOffset: number): Promise<Segment> {
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
export async function openTail(segment: Segment): Promise<Tail> {
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

/** Says in winnow's terms what the file system refused; other errors are returned as they are. */
export function journalError(action: string, where: string, cause: unknown): unknown {
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
