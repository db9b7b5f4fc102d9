import { expect, test } from 'vitest';
import { offlinePipeline } from '../../src/cli/offline.ts';

function namesSeen(redact: boolean): string {
  const pipeline = offlinePipeline({ tenant: 'default', budgetPerDay: 10, redact });
  const seen: string[] = [];
  pipeline.observe((bucket) => {
    for (const { service, versions, instances } of bucket.services)
      seen.push(service.key, JSON.stringify(versions), JSON.stringify(instances.members));
  });
  const line = {
    time: '2026-11-21T00:00:00Z',
    service: 'api bob@example.com',
    version: 'token=abcdef123456',
    pod: 'https://user:hunter2@host',
    msg: 'started',
  };
  pipeline.accept({
    partition: { source: 'files', topic: 'a.jsonl', partition: 0 },
    messages: [{ value: Buffer.from(JSON.stringify(line)), offset: 0, referenceTimeMs: Number.NaN }],
    encoding: 'json',
    caughtUp: false,
  });
  pipeline.drain();
  return seen.join('\n');
}

test('names, versions and instances of services are redacted on their way into the pipeline', () => {
  expect(namesSeen(true)).not.toMatch(/bob@|abcdef123456|hunter2/);
  expect(namesSeen(true)).toContain('api <redacted:email>');
  for (const secret of ['bob@example.com', 'abcdef123456', 'hunter2'])
    expect(namesSeen(false)).toContain(secret);
});
