import { drawPhrases } from './phrases.ts';
import { Random } from './random.ts';
import { info, rate, type ServiceSpec } from './service.ts';

const DEFAULT_LINES = 100;
const DEFAULT_PER_MINUTE = 3;
const DEFAULT_BURSTY_SHARE = 0.3;
const BURST = 4;

export interface FleetOptions {
  readonly services: number;
  /** Lines in each service's table. */
  readonly lines?: number;
  /** Records a minute of one service; its lines share them by a power law (weight 1/rank). */
  readonly perMinute?: number;
  readonly pods?: number;
  /** Share of lines that come in bursts of four on average. */
  readonly burstyShare?: number;
}

/** Services without a call graph, with tables drawn from word lists: for many services and many templates. */
export function syntheticFleet(seed: number, options: FleetOptions): ServiceSpec[] {
  const random = Random.named(seed, 'synthetic fleet');
  const lineCount = options.lines ?? DEFAULT_LINES;
  const burstyShare = options.burstyShare ?? DEFAULT_BURSTY_SHARE;
  let harmonic = 0;
  for (let rank = 1; rank <= lineCount; rank++) harmonic += 1 / rank;
  const services: ServiceSpec[] = [];
  for (let i = 0; i < options.services; i++) {
    const lines = Object.fromEntries(
      drawPhrases(random, lineCount).map((text, rank) => {
        const perMinute = (options.perMinute ?? DEFAULT_PER_MINUTE) / ((rank + 1) * harmonic);
        return [`line_${rank}`, info(text, rate(perMinute, random.chance(burstyShare) ? BURST : 1))];
      }),
    );
    services.push({
      name: `unit-${String(i + 1).padStart(3, '0')}`,
      namespace: 'fleet',
      version: '1.0.0',
      pods: options.pods ?? 2,
      language: 'native',
      style: { format: 'sentence' },
      medianMs: 5,
      lines,
    });
  }
  return services;
}
