// Child process of stdin-process.test.ts: reads its standard input through a journal (or directly, without a directory)
// and writes the offsets of each batch that it delivered.
import type { Intake } from '../../src/contracts.ts';
import { createFilesSource } from '../../src/sources/files.ts';
import { createStdinSource } from '../../src/sources/stdin.ts';

const [journalDirectory = ''] = process.argv.slice(2);

const intake: Intake = {
  accept: async (batch) => {
    const lines = batch.messages.map(
      (message) => Buffer.from(message.value).toString().replace(/\n$/, '').split('\n').length,
    );
    process.stdout.write(`${batch.messages.at(-1)?.offset} ${lines.reduce((sum, n) => sum + n, 0)}\n`);
  },
  assigned: async (partitions) => partitions.map(() => null),
  revoked: async () => undefined,
  finished: async (partition) => void process.stdout.write(`finished ${partition.topic}\n`),
};

const source =
  journalDirectory === ''
    ? createFilesSource({ name: 'files', paths: ['-'] })
    : createStdinSource({ name: 'stdin', journalDirectory, segmentBytes: 100_000 });
await source.run(intake);
