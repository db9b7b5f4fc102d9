import { type FramedMessage, type Framer, PartialMessage } from './framer.ts';

/** Length prefix of the Collector's fileexporter: 4 bytes, big endian. */
const PREFIX_BYTES = 4;

/** Messages behind a length prefix each, as the Collector's fileexporter writes protobuf. Empty messages are passed over. */
export class LengthFramer implements Framer {
  offset = 0;
  readonly #prefix = new PartialMessage(PREFIX_BYTES);
  readonly #partial: PartialMessage;
  readonly #convert: (value: Buffer) => Buffer;
  #messageOffset = 0;
  /** Bytes of the message in hand that have not arrived; null = its prefix has not. */
  #missing: number | null = null;

  /** `convert` is applied to each message's bytes, e.g. to decompress them. */
  constructor(maxBytes: number, convert: (value: Buffer) => Buffer = (value) => value) {
    this.#partial = new PartialMessage(maxBytes);
    this.#convert = convert;
  }

  push(chunk: Buffer, out: FramedMessage[]): void {
    let start = 0;
    while (start < chunk.length) {
      if (this.#missing === null) {
        start += this.#readPrefix(chunk.subarray(start));
      } else {
        const part = chunk.subarray(start, start + this.#missing);
        this.#partial.add(part);
        this.#missing -= part.length;
        start += part.length;
      }
      if (this.#missing === 0) this.#finish(this.offset + start, out);
    }
    this.offset += chunk.length;
  }

  flush(): void {
    // A message is handed over when its last byte arrives.
  }

  end(): string | null {
    if (this.#missing !== null) {
      const length = this.#partial.length + this.#missing;
      return `message at offset ${this.#messageOffset} has ${this.#partial.length} of ${length} bytes`;
    }
    if (this.#prefix.length === 0) return null;
    return `length at offset ${this.#messageOffset} has ${this.#prefix.length} of ${PREFIX_BYTES} bytes`;
  }

  #readPrefix(bytes: Buffer): number {
    const part = bytes.subarray(0, PREFIX_BYTES - this.#prefix.length);
    this.#prefix.add(part);
    if (this.#prefix.length === PREFIX_BYTES) this.#missing = this.#prefix.take().readUInt32BE(0);
    return part.length;
  }

  #finish(end: number, out: FramedMessage[]): void {
    if (this.#partial.length > 0) {
      out.push({ value: this.#convert(this.#partial.take()), offset: this.#messageOffset });
    }
    this.#messageOffset = end;
    this.#missing = null;
  }
}

/** The whole content as one message: a single request saved to a file. */
export class WholeFramer implements Framer {
  offset = 0;
  readonly #partial: PartialMessage;

  constructor(maxBytes: number) {
    this.#partial = new PartialMessage(maxBytes);
  }

  push(chunk: Buffer): void {
    this.#partial.add(chunk);
    this.offset += chunk.length;
  }

  flush(): void {
    // The message ends with the content.
  }

  end(out: FramedMessage[]): null {
    if (this.#partial.length > 0) out.push({ value: this.#partial.take(), offset: 0 });
    return null;
  }
}
