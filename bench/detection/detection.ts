// Measures detection. Usage: npm run bench:detection -- [--only null|grid|families|speed] [--templates N] [--days N]
// [--services N] [--budget N] [--seed N] [--show] and, for families, [--seeds FROM-TO] [--family NAME] [--each].
// The default takes about six minutes;
// `--only null --templates 5000 --days 7` is the whole measurement of false findings.
import { parseArgs } from 'node:util';
import { runFamilies } from './families.ts';
import { runGrid } from './grid.ts';
import { runNull } from './null.ts';
import { runSpeed } from './speed.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    templates: { type: 'string', default: '1000' },
    days: { type: 'string', default: '2' },
    services: { type: 'string', default: '12' },
    budget: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '1-3' },
    family: { type: 'string' },
    each: { type: 'boolean', default: false },
  },
});
const budget = Number(values.budget);
const seed = Number(values.seed);
const wants = (part: string): boolean => values.only === undefined || values.only === part;

if (wants('null')) {
  runNull({
    templates: Number(values.templates),
    days: Number(values.days),
    budget,
    seed,
    show: values.show,
  });
}
if (wants('grid')) runGrid({ services: Number(values.services), warmHours: 24, budget, seed });
if (wants('families')) {
  const [from, to] = values.seeds.split('-').map(Number);
  await runFamilies({ seeds: [from!, to ?? from!], family: values.family, each: values.each });
}
if (wants('speed')) runSpeed();
