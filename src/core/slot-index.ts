/** No slot. */
export const NONE = -1;

const PLACES_MIN = 6;
/** Doubling would leave a third of it empty on average. */
const GROWTH = 1.5;

/**
 * Slots of some table by their hash: open addressing with linear probing, in one typed array. Some seven bytes a slot, where
 * a Map takes 35. What a slot is of, and whether it is the one looked for, is the table's to say:
 *
 *   for (let place = index.begin(hash); ; place = index.after(place)) {
 *     const slot = index.at(place);
 *     if (slot === NONE || isIt(slot)) return slot;
 *   }
 */
export class SlotIndex {
  size = 0;
  /** A slot plus one; zero = empty. At most three quarters full. */
  private places = new Int32Array(PLACES_MIN);
  private readonly hashOf: (slot: number) => number;

  /** `hashOf` gives the hash, a uint32 as `mix32` makes it, of a slot that is in the index. */
  constructor(hashOf: (slot: number) => number) {
    this.hashOf = hashOf;
  }

  /** Where slots of a hash are looked for first. */
  begin(hash: number): number {
    return Math.floor(hash * this.places.length * 2 ** -32);
  }

  at(place: number): number {
    return this.places[place]! - 1;
  }

  after(place: number): number {
    return place + 1 === this.places.length ? 0 : place + 1;
  }

  /** A slot that is not in the index. */
  add(slot: number): void {
    if (++this.size * 4 > this.places.length * 3) this.grow();
    this.enter(slot);
  }

  /** Empties the slot's place and moves up what was put behind it because of it, so that no search ends too early. */
  remove(slot: number): void {
    const { places } = this;
    let hole = this.begin(this.hashOf(slot));
    while (places[hole] !== slot + 1) hole = this.after(hole);
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
    for (const one of this.places) if (one !== 0) found.push(one - 1);
    return found;
  }

  private distance(from: number, to: number): number {
    return to < from ? to + this.places.length - from : to - from;
  }

  private grow(): void {
    const slots = this.slots();
    this.places = new Int32Array(Math.ceil(this.places.length * GROWTH));
    for (const slot of slots) this.enter(slot);
  }

  private enter(slot: number): void {
    let place = this.begin(this.hashOf(slot));
    while (this.places[place] !== 0) place = this.after(place);
    this.places[place] = slot + 1;
  }
}
