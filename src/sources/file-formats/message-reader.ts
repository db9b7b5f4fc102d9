import type { Readable } from 'node:stream';
import type { Encoding } from '../../contracts.ts';
import { WinnowError } from '../../errors.ts';
import { codeOf, systemReason } from '../../system-error.ts';
import { type ByteStream, openFileBytes, PeekableBytes, ReadableBytes } from './byte-stream.ts';
import { createFramer, type MessageLimits } from './create-framer.ts';
import { DecompressedBytes } from './decompressed-bytes.ts';
import { compressionByName, compressionOf, type FileFormat, formatOf, HEAD_BYTES } from './file-format.ts';
import type { FramedMessage, Framer } from './framer.ts';
import { LineFramer } from './line-framer.ts';

export interface MessageReaderOptions extends MessageLimits {
  readonly path: string;
  /** Read instead of `path`, which then only names the content. */
  readonly readable?: Readable;
  readonly encoding: Encoding;
  /** Messages below this offset are passed over: they were read before. */
  readonly resumeAt: number;
}

/** The messages of one file, in order. Open it before anything else; close it in the end. */
export class MessageReader {
  /** Size of the file as it was when opened; null for a pipe. */
  bytesTotal: number | null = null;
  format: FileFormat = { framing: 'text', encoding: 'text' };
  /** Why the content ended before its end, if it did. What came before was delivered. */
  problem: WinnowError | null = null;
  readonly #options: MessageReaderOptions;
  #bytes: ByteStream | null = null;
  #framer: Framer | null = null;
  #queue: FramedMessage[] = [];
  #ended = false;

  constructor(options: MessageReaderOptions) {
    this.#options = options;
  }

  get bytesRead(): number {
    return this.#bytes?.bytesRead ?? 0;
  }

  /** Finds out what the file is. Never rejects: a file that cannot be read is an ended one with a problem. */
  async open(): Promise<void> {
    try {
      const raw = new PeekableBytes(await this.#openRaw(0));
      this.#bytes = raw;
      const compression = compressionOf(await raw.peek(HEAD_BYTES));
      const content = compression === null ? raw : new PeekableBytes(new DecompressedBytes(raw, compression));
      this.#bytes = content;
      // Damage within the head is met again, with its offset, when it is read.
      const head = await content.peek(HEAD_BYTES).catch(() => Buffer.alloc(0));
      this.format = formatOf(this.#options.path, head, this.#options.encoding);
      this.#framer = createFramer(this.format.framing, this.#options);
      if (compression !== null) return;
      const promised = compressionByName(this.#options.path);
      if (promised !== null && head.length > 0 && this.format.framing !== 'length_zstd')
        return this.#fail('decompress', new Error(`no ${promised} data, though its name says so`));
      await this.#seek();
    } catch (error) {
      this.#fail('open', error);
    }
  }

  /** Up to `maxMessages`, about `maxBytes`, the same ones on every reading; null at the end. Never rejects. */
  async next(maxMessages: number, maxBytes: number): Promise<FramedMessage[] | null> {
    const batch: FramedMessage[] = [];
    let bytes = 0;
    while (batch.length < maxMessages && bytes < maxBytes) {
      const message = this.#queue.shift() ?? (await this.#read());
      if (message === null) break;
      batch.push(message);
      bytes += message.value.length;
    }
    return batch.length === 0 ? null : batch;
  }

  async close(): Promise<void> {
    await this.#bytes?.close();
  }

  async #openRaw(start: number): Promise<ByteStream> {
    const { path, readable } = this.#options;
    if (readable !== undefined) return new ReadableBytes(readable);
    const file = await openFileBytes(path, start);
    this.bytesTotal = file.bytesTotal;
    return file;
  }

  /** Lines can be entered anywhere: skips to the byte before `resumeAt`, which is in a line that was read before. */
  async #seek(): Promise<void> {
    const { resumeAt, readable, maxMessageBytes } = this.#options;
    const fits = this.bytesTotal !== null && resumeAt <= this.bytesTotal;
    if (resumeAt < READ_ANYWAY_BYTES || !fits || readable !== undefined || this.format.framing !== 'lines')
      return;
    await this.#bytes?.close();
    this.#bytes = await this.#openRaw(resumeAt - 1);
    this.#framer = new LineFramer(maxMessageBytes, resumeAt - 1);
  }

  /** Reads until there is a message that was not read before; null at the end. */
  async #read(): Promise<FramedMessage | null> {
    while (this.#queue.length === 0 && !this.#ended) {
      const messages: FramedMessage[] = [];
      await this.#readChunk(messages);
      const { resumeAt } = this.#options;
      this.#queue = messages.filter((message) => message.offset >= resumeAt).map(withoutByteOrderMark);
    }
    return this.#queue.shift() ?? null;
  }

  async #readChunk(out: FramedMessage[]): Promise<void> {
    const framer = this.#framer!;
    try {
      const chunk = await this.#bytes!.next();
      if (chunk !== null) {
        framer.push(chunk, out);
        return;
      }
      this.#ended = true;
      const defect = framer.end(out);
      if (defect !== null) this.#fail('read', new Error(defect));
      else if (framer.offset < this.#options.resumeAt)
        this.#fail('resume', new Error(this.#shrunk(framer.offset)));
    } catch (error) {
      // Complete lines stand; the one that was cut is named by the problem's offset.
      framer.flush(out);
      this.#fail('read', error);
    }
  }

  #shrunk(length: number): string {
    return `content of ${length} bytes ends before the position ${this.#options.resumeAt} read last time`;
  }

  #fail(action: string, cause: unknown): void {
    this.#ended = true;
    const reason = systemReason(cause);
    const at = action === 'read' ? ` at ${this.#framer?.offset ?? 0}` : '';
    this.problem = new WinnowError(
      `WINNOW_FILE_UNREADABLE`,
      `${action} ${this.#options.path}${at}: ${reason}`,
      {
        cause,
        hint: hintFor(action, cause),
      },
    );
  }
}

function hintFor(action: string, cause: unknown): string {
  if (codeOf(cause) === 'EISDIR')
    return 'it is a directory: name the files in it, for example with DIRECTORY/*.log';
  return HINTS[action] ?? 'check that the file exists and this user may read it';
}

const HINTS: Readonly<Record<string, string>> = {
  decompress: 'give the file the name of what is in it; copy it again if it should be compressed',
  read: 'the file is cut or damaged; everything before was read. Copy it again and replay it',
  resume: 'the file was replaced; give the new one another name, or start with an empty store',
};

/** Below this, reading again from the start costs less than opening the file twice. */
const READ_ANYWAY_BYTES = 1024 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutByteOrderMark(message: FramedMessage): FramedMessage {
  if (message.offset !== 0 || !BYTE_ORDER_MARK.equals(message.value.subarray(0, 3))) return message;
  return { value: message.value.subarray(3), offset: 0 };
}
