const SECOND_MS = 1000;

interface Due {
  nextMs: number;
}

/**
 * Things that happen again and again, found by the second in which they are next due: the cost of a second is what
 * happens in it, not how many things there are. Memory: one entry per thing. Never asked for a second twice.
 */
export class Calendar<T extends Due> {
  private readonly seconds = new Map<number, T[]>();

  /** Enters the thing at its `nextMs`; infinity = never again. */
  enter(thing: T): void {
    if (thing.nextMs === Number.POSITIVE_INFINITY) return;
    const second = Math.floor(thing.nextMs / SECOND_MS);
    const list = this.seconds.get(second);
    if (list === undefined) this.seconds.set(second, [thing]);
    else list.push(thing);
  }

  /** Calls `happen` for all that is due in the second, which sets a later `nextMs`; until none is due any more. */
  advance(secondStartMs: number, happen: (thing: T) => void): void {
    const second = secondStartMs / SECOND_MS;
    const due = this.seconds.get(second);
    if (due === undefined) return;
    this.seconds.delete(second);
    for (const thing of due) {
      while (thing.nextMs < secondStartMs + SECOND_MS) happen(thing);
      this.enter(thing);
    }
  }
}
