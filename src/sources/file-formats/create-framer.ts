import { zstdDecompressSync } from 'node:zlib';
import type { Framing } from './file-format.ts';
import type { Framer } from './framer.ts';
import { LengthFramer, WholeFramer } from './length-framer.ts';
import { LineFramer } from './line-framer.ts';
import { TextFramer } from './text-framer.ts';

/** As OTLP recommends for a request after decompression: opentelemetry-proto docs/specification.md. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** A text line or block; longer lines are too large. Larger than any line a runtime writes in one piece. */
export const MAX_TEXT_BYTES = 1024 * 1024;

export interface MessageLimits {
  readonly maxMessageBytes: number;
  readonly maxTextBytes: number;
}

export function createFramer(framing: Framing, { maxMessageBytes, maxTextBytes }: MessageLimits): Framer {
  switch (framing) {
    case 'lines':
      return new LineFramer(maxMessageBytes);
    case 'text':
      return new TextFramer(maxTextBytes);
    case 'length':
      return new LengthFramer(maxMessageBytes);
    case 'length_zstd':
      return new LengthFramer(maxMessageBytes, (value) => decompressFrame(value, maxMessageBytes));
    case 'whole':
      return new WholeFramer(maxMessageBytes);
  }
}

/** A frame that cannot be read stays as it is, for the decoder to count; one that is too large becomes a too large message. */
function decompressFrame(value: Buffer, maxBytes: number): Buffer {
  try {
    return zstdDecompressSync(value, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? Buffer.alloc(maxBytes + 1) : value;
  }
}
