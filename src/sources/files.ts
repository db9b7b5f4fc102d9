import type { Readable } from 'node:stream';
import type { Encoding, Intake, PartitionPosition, PartitionRef, Source } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { MAX_MESSAGE_BYTES, MAX_TEXT_BYTES } from './file-formats/create-framer.ts';
import { MessageReader } from './file-formats/message-reader.ts';

export interface FileProgress {
  readonly file: string;
  /** Of the file as it is on the disk, compressed or not. */
  readonly bytesRead: number;
  /** Null for standard input. */
  readonly bytesTotal: number | null;
}

export interface FilesSourceOptions {
  readonly name: string;
  /** Each is one partition; `-` is standard input. */
  readonly paths: readonly string[];
  readonly encoding?: Encoding;
  /** Service of text lines; without it, the source's name. */
  readonly service?: string;
  readonly onProgress?: (progress: FileProgress) => void;
  /** A larger message is delivered as its first `maxMessageBytes + 1` bytes. */
  readonly maxMessageBytes?: number;
  /** The same for a line of text. */
  readonly maxTextBytes?: number;
  readonly stdin?: Readable;
}

export interface FilesSource extends Source {
  /** Files that could not be read, or not to their end. What came before was delivered; other files went on. */
  readonly problems: readonly WinnowError[];
}

const STDIN = '-';

/** Rule of every source: large enough to make the promise per batch cheap, small enough to stop soon. */
const BATCH_MESSAGES = 256;
const BATCH_BYTES = 1024 * 1024;

/** All files are open at once, because each holds the watermark; this stays below the usual limit of descriptors (1024). */
const MAX_FILES = 512;

/** Files, read side by side to their ends. A partition is a file: topic = its path, partition = 0, or 1… for a path named again. */
export function createFilesSource(options: FilesSourceOptions): FilesSource {
  return new FilesInTurn(options);
}

/** States: created → running → ended, by itself or by `stop`; `stop` before `run` makes `run` end at once. */
class FilesInTurn implements FilesSource {
  readonly name: string;
  readonly problems: WinnowError[] = [];
  readonly #options: FilesSourceOptions;
  #paused: ReadonlySet<string> = new Set();
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #files: OpenFile[] = [];

  constructor(options: FilesSourceOptions) {
    if (options.paths.length > MAX_FILES) {
      const message = `open ${options.paths.length} files: more than ${MAX_FILES} at once`;
      throw new WinnowError('WINNOW_TOO_MANY_FILES', message, {
        hint: 'join older files, or read them in several runs',
      });
    }
    this.name = options.name;
    this.#options = options;
  }

  run(intake: Intake): Promise<void> {
    const running = this.#run(intake);
    this.#running = running.catch(() => undefined);
    return running;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // Only a pipe can keep a reader waiting for ever.
    for (const file of this.#files) if (file.ref.topic === STDIN) await file.reader.close();
    await this.#running;
  }

  setPaused(partitions: readonly PartitionRef[]): void {
    this.#paused = new Set(partitions.filter((ref) => ref.source === this.name).map(keyOf));
  }

  async #run(intake: Intake): Promise<void> {
    if (this.#stopping) return;
    try {
      await this.#open(intake);
      await this.#deliver(intake);
    } finally {
      for (const file of this.#files) await file.reader.close();
    }
  }

  async #open(intake: Intake): Promise<void> {
    const { paths } = this.#options;
    const refs = paths.map((path, i) => ({
      source: this.name,
      topic: path,
      partition: paths.slice(0, i).filter((one) => one === path).length,
    }));
    const positions = await intake.assigned(refs);
    this.#files = refs.map((ref, i) => this.#create(ref, positions[i] ?? null));
    for (const file of this.#files) {
      if (this.#stopping) return;
      await file.reader.open();
    }
  }

  /** One batch of each file in turn, always in the order of the list, so that equal runs take equal turns. */
  async #deliver(intake: Intake): Promise<void> {
    let unfinished = this.#files;
    let turn = 0;
    while (unfinished.length > 0 && !this.#stopping) {
      const file = this.#choose(unfinished, turn);
      turn = unfinished.indexOf(file) + 1;
      const messages = await file.reader.next(BATCH_MESSAGES, BATCH_BYTES);
      if (this.#stopping) return;
      if (messages === null) {
        await this.#finish(file, intake);
        unfinished = unfinished.filter((other) => other !== file);
        turn -= 1;
      } else {
        await intake.accept(this.#batch(file, messages));
        this.#report(file);
      }
    }
  }

  /** The next one that is not paused; the first where all are: they wait for each other then, or for another source. */
  #choose(files: readonly OpenFile[], turn: number): OpenFile {
    for (let i = 0; i < files.length; i++) {
      const file = files[(turn + i) % files.length]!;
      if (!this.#paused.has(keyOf(file.ref))) return file;
    }
    return files[0]!;
  }

  async #finish(file: OpenFile, intake: Intake): Promise<void> {
    if (file.reader.problem !== null) this.problems.push(file.reader.problem);
    await file.reader.close();
    this.#report(file);
    await intake.finished(file.ref);
  }

  #batch(file: OpenFile, framed: readonly { value: Uint8Array; offset: number }[]) {
    const { firstOffset } = file;
    const messages = framed.map(({ value, offset }) => ({
      value,
      offset: firstOffset + offset,
      referenceTimeMs: Number.NaN,
    }));
    const { service } = this.#options;
    const batch = { partition: file.ref, messages, encoding: file.reader.format.encoding, caughtUp: false };
    return service === undefined ? batch : { ...batch, defaultService: service };
  }

  #report(file: OpenFile): void {
    const { bytesRead, bytesTotal } = file.reader;
    this.#options.onProgress?.({ file: file.ref.topic, bytesRead, bytesTotal });
  }

  #create(ref: PartitionRef, position: PartitionPosition | null): OpenFile {
    const {
      encoding = 'auto',
      maxMessageBytes = MAX_MESSAGE_BYTES,
      maxTextBytes = MAX_TEXT_BYTES,
    } = this.#options;
    const options = { path: ref.topic, encoding, maxMessageBytes, maxTextBytes };
    if (ref.topic === STDIN) {
      // What comes through the pipe now was never read before: it goes on after what was.
      const readable = this.#options.stdin ?? process.stdin;
      return {
        ref,
        firstOffset: position?.readTo ?? 0,
        reader: new MessageReader({ ...options, resumeAt: 0, readable }),
      };
    }
    return {
      ref,
      firstOffset: 0,
      reader: new MessageReader({ ...options, resumeAt: position?.resumeAt ?? 0 }),
    };
  }
}

interface OpenFile {
  readonly ref: PartitionRef;
  /** Added to the offsets of the reader. */
  readonly firstOffset: number;
  readonly reader: MessageReader;
}

function keyOf(ref: PartitionRef): string {
  return `${ref.partition} ${ref.topic}`;
}
