/** Room for a template's numbers: so many doubles, which are twice as many words. */
export const ROW_NUMBERS = 9;
export const ROW_WORDS: number = ROW_NUMBERS * 2;

/** Rows of one piece of memory, a power of two: 256. */
const CHUNK_SHIFT = 8;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;

/** The numbers of many templates, seen as doubles and as words. */
export class RowChunk {
  readonly numbers = new Float64Array(CHUNK_ROWS * ROW_NUMBERS);
  readonly words = new Int32Array(this.numbers.buffer);
}

/**
 * A row of numbers for each template held, many in one piece of memory: an array for each took twice as much. Rows that are
 * given back wait for the next template, so there are as many as there were templates at the most.
 */
export class TemplateRows {
  readonly #chunks: RowChunk[] = [];
  readonly #free: number[] = [];
  #used = 0;

  /** A row whose numbers are all zero. */
  take(): number {
    const row = this.#free.pop() ?? this.#used++;
    if (row >= this.#chunks.length * CHUNK_ROWS) this.#chunks.push(new RowChunk());
    const from = placeInChunk(row) * ROW_NUMBERS;
    this.chunkOf(row).numbers.fill(0, from, from + ROW_NUMBERS);
    return row;
  }

  give(row: number): void {
    this.#free.push(row);
  }

  chunkOf(row: number): RowChunk {
    return this.#chunks[row >> CHUNK_SHIFT]!;
  }
}

/** Which row of its chunk a row is. */
export function placeInChunk(row: number): number {
  return row & (CHUNK_ROWS - 1);
}
