// Measures detection. Usage: npm run bench:detection -- [--only null|grid|tail|families|speed] [--full] [--budget N]
// [--rate-seeds FROM-TO]; for null streams [--templates N] [--days N] [--case I] [--show]; for the grid [--repeats N]
// [--bursty]; for families [--seeds FROM-TO] [--family NAME] [--each].
// `--full` is the whole measurement of false findings, 5,000 templates for a week, and of delays.
import { parseArgs } from 'node:util';
import { runCalibration } from './calibration.ts';
import { runFamilies } from './families.ts';
import { runGrid } from './grid.ts';
import { runNull } from './null.ts';
import { runSpeed } from './speed.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
    templates: { type: 'string' },
    days: { type: 'string' },
    case: { type: 'string' },
    repeats: { type: 'string' },
    bursty: { type: 'boolean', default: false },
    budget: { type: 'string', default: '10' },
    'rate-seeds': { type: 'string', default: '1001' },
    show: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '1-3' },
    family: { type: 'string' },
    each: { type: 'boolean', default: false },
  },
});
const budget = Number(values.budget);
const rateSeeds = seedsOf(values['rate-seeds']);
const wants = (part: string): boolean => values.only === undefined || values.only === part;

function seedsOf(text: string): number[] {
  const [from, to] = text.split('-').map(Number);
  return Array.from({ length: (to ?? from!) - from! + 1 }, (_, i) => from! + i);
}

if (wants('null')) {
  runNull({
    templates: Number(values.templates ?? (values.full ? 5000 : 2000)),
    days: Number(values.days ?? (values.full ? 7 : 1)),
    budget,
    seeds: rateSeeds,
    only: values.case === undefined ? null : Number(values.case),
    show: values.show,
  });
}
if (wants('grid')) {
  const repeats = Number(values.repeats ?? (values.full ? 50 : 20));
  runGrid({ repeats, warmHours: 24, budget, seeds: rateSeeds, isBursty: values.bursty });
}
if (wants('tail')) runCalibration({ series: values.full ? 500 : 100, days: 2, seed: rateSeeds[0]! });
if (wants('families')) {
  const [from, to] = values.seeds.split('-').map(Number);
  await runFamilies({ seeds: [from!, to ?? from!], family: values.family, each: values.each });
}
if (wants('speed')) runSpeed();
