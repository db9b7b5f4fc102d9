// Writes proto/winnow/v1/window.schema.json from the source types: `node tools/window-schema.ts`.
import { writeFileSync } from 'node:fs';
import { windowJsonSchema } from '../src/core/window/event-schema.ts';

const target = new URL('../proto/winnow/v1/window.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(windowJsonSchema(), null, 2)}\n`);
