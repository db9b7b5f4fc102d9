import { expect, test } from 'vitest';
import type { Resource } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';
import { requestOf } from '../../support/otlp.ts';

// A Kafka client hands over Buffers, views into a whole response of megabytes. `slice` of a Buffer is another such view:
// a cache that keeps one keeps the response, and for 4,096 resources as many responses.
test('a resource that is remembered keeps nothing of the message it came in', () => {
  const decoder = createDecoder('otlp_proto');
  const resources: Resource[] = [];
  const decode = (value: Uint8Array): void => {
    const message = { value, offset: 0, referenceTimeMs: 0 };
    decoder.decode(message, createTextResource('default', 'none'), {
      onRecord: ({ resource }) => resources.push(resource),
    });
  };
  const request = requestOf('orders', [{ severityNumber: 9, body: 'order 17 placed' }]);
  const response = Buffer.from(request);
  decode(response);
  response.fill(0);
  decode(request);
  expect(resources.map(({ service }) => service.name)).toEqual(['orders', 'orders']);
  expect(resources[1]).toBe(resources[0]);
});
