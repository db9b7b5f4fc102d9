import { hashString } from './hash.ts';

/** No slot. */
export const NONE = -1;

const SEED = 0x2f6b1d43;

const PLACES_MIN = 8;

/** A place holds a slot plus one in its low bits, far more than any table has, and above them a mark: bits of its hash. */
const SLOT_BITS = 24;
const SLOT_MASK = 2 ** SLOT_BITS - 1;

/**
 * Slots of some table by their hash: open addressing with linear probing, in one typed array. Some seven bytes a slot, where
 * a Map takes 35. What a slot is of, and whether it is the one looked for, is the table's to say; of the slots in the way
 * those of other hashes are hardly ever shown, as the table would have to read them:
 *
 *   for (let place = index.first(hash); ; place = index.next(hash, place)) {
 *     const slot = index.at(place);
 *     if (slot === NONE || isIt(slot)) return slot;
 *   }
 *
 * Hashes are int32, which cost no allocation, and all of their bits must be as good as random.
 */
export class SlotIndex {
  size = 0;
  /** A power of two, at most seven eighths in use; zero = empty. Marks make passing others cheap, so it may be that full. */
  private places = new Int32Array(PLACES_MIN);
  private readonly hashOf: (slot: number) => number;

  /** `hashOf` gives the hash of a slot that is in the index. */
  constructor(hashOf: (slot: number) => number) {
    this.hashOf = hashOf;
  }

  /** The first place where a slot of this hash may be, or an empty one. */
  first(hash: number): number {
    return this.seek(hash, this.begin(hash));
  }

  next(hash: number, place: number): number {
    return this.seek(hash, this.after(place));
  }

  /** The slot at a place, or `NONE`. */
  at(place: number): number {
    return (this.places[place]! & SLOT_MASK) - 1;
  }

  /** A slot that is not in the index. */
  add(slot: number): void {
    if (++this.size * 8 > this.places.length * 7) this.grow();
    this.enter(slot);
  }

  /** Empties the slot's place and moves up what was put behind it because of it, so that no search ends too early. */
  remove(slot: number): void {
    const { places } = this;
    let hole = this.begin(this.hashOf(slot));
    while (this.at(hole) !== slot) hole = this.after(hole);
    for (let place = this.after(hole); places[place] !== 0; place = this.after(place)) {
      const wanted = this.begin(this.hashOf(this.at(place)));
      if (this.distance(wanted, place) < this.distance(hole, place)) continue;
      places[hole] = places[place]!;
      hole = place;
    }
    places[hole] = 0;
    this.size--;
  }

  /** Every slot, in no particular order. */
  slots(): number[] {
    const found: number[] = [];
    for (let place = 0; place < this.places.length; place++)
      if (this.places[place] !== 0) found.push(this.at(place));
    return found;
  }

  private begin(hash: number): number {
    return hash & (this.places.length - 1);
  }

  private after(place: number): number {
    return (place + 1) & (this.places.length - 1);
  }

  private seek(hash: number, from: number): number {
    const { places } = this;
    const mark = markOf(hash);
    for (let place = from; ; place = (place + 1) & (places.length - 1)) {
      const held = places[place]!;
      if (held === 0 || (held & ~SLOT_MASK) === mark) return place;
    }
  }

  private distance(from: number, to: number): number {
    return (to - from) & (this.places.length - 1);
  }

  private grow(): void {
    const slots = this.slots();
    this.places = new Int32Array(this.places.length * 2);
    for (const slot of slots) this.enter(slot);
  }

  private enter(slot: number): void {
    const hash = this.hashOf(slot);
    let place = this.begin(hash);
    while (this.places[place] !== 0) place = this.after(place);
    this.places[place] = (slot + 1) | markOf(hash);
  }
}

/** Hash, as the index wants it, of a name by which slots are found. */
export function hashOfName(name: string): number {
  return hashString(name, SEED) | 0;
}

/** Not of the low bits, by which places are chosen. */
function markOf(hash: number): number {
  return hash & ~SLOT_MASK;
}
