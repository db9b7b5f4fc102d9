import type { Encoding } from '../../contracts.ts';
import type { Compression } from './decompressed-bytes.ts';

export type Framing = 'lines' | 'text' | 'length' | 'length_zstd' | 'whole';

export interface FileFormat {
  readonly framing: Framing;
  readonly encoding: Encoding;
}

/** Bytes of content that the functions here want to see. */
export const HEAD_BYTES = 4096;

const LINE_EXTENSIONS = ['.jsonl', '.json', '.ndjson'];
const COMPRESSED_NAME = /\.(gz|zst|zstd)$/i;
const PROTOBUF_EXTENSIONS = ['.pb', '.bin', '.proto'];

/** Field 1, length-delimited: every ExportLogsServiceRequest that is not empty begins so. */
const REQUEST_FIRST_BYTE = 0x0a;

/** By content, because a rotated or renamed file keeps its magic bytes and not always its extension. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'; // RFC 1952 §2.3.1
  if (isZstd(head, 0)) return 'zstd';
  return null;
}

/**
 * What is in a file, from its decompressed beginning and its name. `encoding` other than `auto` was configured and decides.
 * The Collector's fileexporter with `compression: zstd` writes length-prefixed frames under any name, so the content is
 * asked before the extension.
 */
export function formatOf(path: string, head: Uint8Array, encoding: Encoding): FileFormat {
  const prefixed = prefixedFraming(head);
  if (prefixed === 'length') return { framing: prefixed, encoding: 'otlp_proto' };
  if (prefixed === 'length_zstd') return { framing: prefixed, encoding };
  const extension = extensionOf(path);
  const isJsonByName = LINE_EXTENSIONS.includes(extension);
  // The name promises JSON: what is none is damage then, and no line of text.
  const json = isJsonByName && encoding === 'auto' ? 'auto_json' : encoding;
  if (encoding !== 'text' && encoding !== 'raw' && beginsWithOpenLine(head))
    return { framing: 'whole', encoding: json };
  if (encoding === 'text') return { framing: 'text', encoding };
  if (encoding === 'otlp_json' || encoding === 'json' || encoding === 'raw')
    return { framing: 'lines', encoding };
  if (isJsonByName) return { framing: 'lines', encoding: json };
  if (encoding === 'otlp_proto' || PROTOBUF_EXTENSIONS.includes(extension)) {
    // As a length, these first bytes would be over 160 MiB: it is a bare request.
    return { framing: head[0] === REQUEST_FIRST_BYTE ? 'whole' : 'length', encoding: 'otlp_proto' };
  }
  return beginsWithJsonLine(head) ? { framing: 'lines', encoding } : { framing: 'text', encoding: 'text' };
}

/** A length under 16 MiB begins with a zero byte, which neither text nor JSON does. */
function prefixedFraming(head: Uint8Array): Framing | null {
  if (head[0] !== 0) return null;
  if (isZstd(head, 4)) return 'length_zstd';
  const length = (head[1]! << 16) | (head[2]! << 8) | head[3]!;
  return length > 0 && head[4] === REQUEST_FIRST_BYTE ? 'length' : null;
}

/** A frame, or a skippable frame as parallel compressors put in front: RFC 8878 §3.1. */
function isZstd(head: Uint8Array, at: number): boolean {
  const first = head[at] ?? 0;
  if (first === 0x28) return head[at + 1] === 0xb5 && head[at + 2] === 0x2f && head[at + 3] === 0xfd;
  return first >> 4 === 5 && head[at + 1] === 0x2a && head[at + 2] === 0x4d && head[at + 3] === 0x18;
}

/** What a name promises: null where it promises nothing. */
export function compressionByName(path: string): Compression | null {
  const match = COMPRESSED_NAME.exec(path);
  if (match === null) return null;
  return match[1]!.toLowerCase() === 'gz' ? 'gzip' : 'zstd';
}

function extensionOf(path: string): string {
  const name = path.replace(COMPRESSED_NAME, '');
  const match = /\.[^./\\]+$/.exec(name);
  return match === null ? '' : match[0].toLowerCase();
}

/** A request laid out for people: its first line is nothing but a brace. */
function beginsWithOpenLine(head: Uint8Array): boolean {
  return /^\s*[{[][ \t]*\r?\n/.test(new TextDecoder().decode(head));
}

function beginsWithJsonLine(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head).trimStart();
  if (!text.startsWith('{')) return false;
  const end = text.indexOf('\n');
  // A line that goes on beyond the head cannot be parsed; a brace and a quoted name are enough then.
  if (end < 0 && head.length >= HEAD_BYTES) return /^\{\s*"/.test(text);
  try {
    const value: unknown = JSON.parse(end < 0 ? text : text.slice(0, end));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
