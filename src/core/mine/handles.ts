/** Gives the templates of one miner, of all its services, numbers that no other template ever has. */
export class Handles {
  private last = 0;

  take(): number {
    return ++this.last;
  }
}
