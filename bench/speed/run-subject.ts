// One thing to time, in a process of its own: `node run-subject.ts NAME JSON`. The bench drives it over standard input, so
// that subjects take turns round by round while each keeps its own heap and compiled code. Peers in other languages speak
// the same lines: `ready`, then for every `round MS` a line of JSON, and for `end` a last one with the sums.
import { createInterface } from 'node:readline';
import { SUBJECTS } from './subjects.ts';

const [name = '', settings = '{}'] = process.argv.slice(2);
const make = SUBJECTS[name];
if (make === undefined) throw new Error(`no subject ${name}`);
const subject = await (await make())(JSON.parse(settings) as Record<string, string>);
say('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [command, budget] = line.split(' ');
  say(command === 'round' ? await subject.round(Number(budget)) : await subject.end());
  if (command === 'end') break;
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
