import { describe, expect, it } from 'vitest';
import type { KeptContent } from '../../../src/contracts.ts';
import { hintsOf } from '../../../src/core/window/hints.ts';
import { renderText } from '../../../src/core/window/render.ts';
import { assembler, at, bucket, countTokens, dataOf, finding, type TemplateSpec } from './fixtures.ts';

const START = at('02:40:00');
const asItIs = (text: string): string => text;

function content(attributes: [string, string][], eventName = ''): KeptContent {
  return { body: 'x', line: 'x', traceId: '', spanId: '', eventName, timeUnixNano: '', attributes };
}

describe('what a record says about itself', () => {
  it('is the name of its event, the template its program knows, and where it was written', () => {
    const attributes: [string, string][] = [
      ['log.record.template', 'order {} placed'],
      ['code.function.name', 'com.acme.Cart.add'],
      ['code.file.path', '/app/Cart.java'],
      ['code.line.number', '88'],
    ];
    expect(hintsOf(content(attributes, 'order.placed'), asItIs)).toEqual({
      eventName: 'order.placed',
      upstreamTemplate: 'order {} placed',
      callSite: { functionName: 'com.acme.Cart.add', filePath: '/app/Cart.java', lineNumber: 88 },
    });
    expect(hintsOf(content([]), asItIs)).toBeNull();
  });

  it('is also read from the older names of the attributes', () => {
    const attributes: [string, string][] = [
      ['code.namespace', 'com.acme.Cart'],
      ['code.function', 'add'],
      ['code.filepath', '/app/Cart.java'],
      ['code.lineno', '88'],
    ];
    const callSite = { functionName: 'com.acme.Cart.add', filePath: '/app/Cart.java', lineNumber: 88 };
    expect(hintsOf(content(attributes), asItIs)).toEqual({ callSite });
  });

  it('passes redaction before it is cut', () => {
    const redact = (text: string): string => text.replace('hunter2', '<redacted:secret>');
    const hints = hintsOf(
      content([
        ['log.record.template', 'hunter2'],
        ['code.file.path', 'hunter2'],
      ]),
      redact,
    );
    expect(JSON.stringify(hints)).not.toContain('hunter2');
  });
});

describe('a finding', () => {
  const attributes = [
    ['code.function.name', 'com.acme.Cart.add'],
    ['code.line.number', '88'],
    ['log.record.template', 'order {} failed'],
  ] as const;

  function open(body: string) {
    const specs: TemplateSpec[] = [
      {
        service: 'jobs',
        templateId: 't_1',
        records: 2,
        severity: 3,
        lines: [{ body, atMs: START, attributes }],
      },
    ];
    const raised = [finding('jobs', 'new', 't_1', START)];
    return assembler().observe(bucket(START, specs), { findings: raised, changes: [] })[0]!;
  }

  it('shows the hints of its records, and in the text where they are written', () => {
    const revision = open('order 7 failed');
    expect(dataOf(revision).findings[0]).toMatchObject({
      template_upstream: 'order {} failed',
      call_site: { 'code.function.name': 'com.acme.Cart.add', 'code.line.number': 88 },
    });
    expect(dataOf(revision).untrusted).toEqual(expect.arrayContaining(['event_name', 'call_site']));
    expect(renderText(revision.event, { countTokens })).toContain('written at ⟦com.acme.Cart.add:88⟧');
  });

  it('with a stack trace tells the frame instead', () => {
    const revision = open('Error: x\n    at pay (/app/src/pay.js:3:9)');
    const text = renderText(revision.event, { countTokens });
    expect(text).toContain('first app frame: ⟦pay /app/src/pay.js:3⟧');
    expect(text).not.toContain('written at');
  });
});
