import { grown } from '../grown.ts';

const MESSAGES_FIRST = 64;
const GROWTH = 1.5;
/** Entries that stay allocated while the table is spare. */
const SPARE_MAX = 65_536;

/** No message. */
const NONE = -1;

/**
 * The messages that records were kept of in one open bucket, by a number: where a message is takes three times the room, and
 * many records are kept of each.
 */
export class KeptMessages {
  /** By number: index of the partition, and offset in it. */
  partitions: Int32Array = new Int32Array(MESSAGES_FIRST);
  offsets: Float64Array = new Float64Array(MESSAGES_FIRST);
  size = 0;
  #current = NONE;

  /** Another message is in hand. */
  begin(): void {
    this.#current = NONE;
  }

  /** Number of the message in hand, which is at this place. */
  numberOf(partition: number, offset: number): number {
    if (this.#current === NONE) this.#current = this.#add(partition, offset);
    return this.#current;
  }

  /** Forgets everything, and which message is in hand. */
  clear(): void {
    if (this.offsets.length > SPARE_MAX) this.restart();
    this.size = 0;
    this.#current = NONE;
  }

  /** Begins anew with nothing; what is returned gives a message of before its new number, and so keeps it. */
  restart(): (message: number) => number {
    const { partitions, offsets, size } = this;
    const numbers = new Int32Array(size).fill(NONE);
    this.partitions = new Int32Array(MESSAGES_FIRST);
    this.offsets = new Float64Array(MESSAGES_FIRST);
    this.size = 0;
    this.#current = NONE;
    return (message) => {
      if (numbers[message] === NONE) numbers[message] = this.#add(partitions[message]!, offsets[message]!);
      return numbers[message]!;
    };
  }

  #add(partition: number, offset: number): number {
    if (this.size === this.offsets.length) this.#grow();
    this.partitions[this.size] = partition;
    this.offsets[this.size] = offset;
    return this.size++;
  }

  #grow(): void {
    const room = Math.ceil(this.size * GROWTH);
    this.partitions = grown(this.partitions, new Int32Array(room));
    this.offsets = grown(this.offsets, new Float64Array(room));
  }
}
