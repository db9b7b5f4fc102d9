// How many templates the miner makes of a microservice's call sites: payloads, lists, maps, texts, nothing at all.
import { callSiteLog } from './call-sites.ts';
import { type Accuracy, accuracy } from './metrics.ts';
import { mineLines } from './mine-lines.ts';

/** Seeds that the miner was looked at with, and seeds that only this table ever saw. */
const SEEDS = [1, 2, 3];
const HELD_OUT_SEEDS = [101, 102, 103, 104, 105];
const LINES = 4_000;
const SITES_MIN = 100;
const SITES_STEP = 25;
/** Styles whose values stand in brackets, behind keys or as JSON; in the others they are words among words. */
const STRUCTURED = new Set('bracketed event response jsonBody mapped spring jsonLine pairs'.split(' '));

/** Templates found for each true call site: of all, of those with structured values, of those with values among words. */
export function structuredTable(): void {
  console.log(
    `\n${'call sites of a microservice'.padEnd(28)}     GA    FGA  true  found  found/true  structured  among words`,
  );
  rows('seeds looked at', SEEDS);
  rows('held-out seeds', HELD_OUT_SEEDS);
}

function rows(title: string, seeds: readonly number[]): void {
  seeds.forEach((seed, i) => {
    const { lines, truth } = callSiteLog(seed, SITES_MIN + i * SITES_STEP, LINES);
    const { templates } = mineLines(lines);
    const all = accuracy(truth, templates);
    const of = (isStructured: boolean): string => {
      const only = truth.map((name) => (STRUCTURED.has(name.split(' ')[0]!) === isStructured ? name : ''));
      return perSite(accuracy(only, templates));
    };
    console.log(
      [
        `${title}, ${seed}`.padEnd(28),
        all.ga.toFixed(4),
        all.fga.toFixed(4),
        String(all.trueGroups).padStart(5),
        String(all.groups).padStart(6),
        perSite(all).padStart(11),
        of(true).padStart(11),
        of(false).padStart(12),
      ].join(' '),
    );
  });
}

function perSite({ groups, trueGroups }: Accuracy): string {
  return (groups / trueGroups).toFixed(2);
}
