// Units behind numbers, as the kernel compares them.

/** Letters only, folded to lower case. */
const UNITS = 'ns us ms s sec secs m min h hr d b kb mb gb tb kib mib gib k g t hz khz mhz ghz bytes x v w';
/** Stands for `µs`, whose first letter is no ASCII. */
const MICROSECONDS = 0;

/** Each unit as five bits a letter and its length: exact, no two share one (`unitHash` of `kernel/words.ts`). */
export function unitHashes(): number[] {
  const hashes = [MICROSECONDS];
  for (const unit of UNITS.split(' ')) {
    let hash = unit.length;
    for (const letter of unit) hash = hash * 32 + (letter.charCodeAt(0) - 96);
    hashes.push(hash);
  }
  return hashes;
}
