import { beforeAll, describe, expect, it } from 'vitest';
import { renderText } from '../../../src/core/window/render.ts';
import { loadTokenCounter, type TokenCounter } from '../../../src/tokens.ts';
import { assembler, at, bucket, FixtureTemplates, finding, type TemplateSpec } from './fixtures.ts';
import { runStory, storyAssembler } from './story.ts';

/** Text of `length` code points that few tokens of any tokenizer cover, from a fixed pseudo-random sequence. */
class Noise {
  #seed = 7;

  text(length: number): string {
    return Array.from({ length }, () => String.fromCodePoint(0x20 + this.next(0x9fff))).join('');
  }

  next(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((this.#seed / 0x8000_0000) * below);
  }
}

describe('the budget of 1,100 tokens, by the pinned tokenizer', () => {
  let countTokens: TokenCounter;
  beforeAll(async () => {
    countTokens = await loadTokenCounter();
  });

  it('leaves the story room for every finding in full', () => {
    const text = renderText(runStory(storyAssembler()).at(-1)!.event, { countTokens });
    expect(countTokens(text)).toBeLessThanOrEqual(1_100);
    expect(text).not.toMatch(/OMITTED {2}\d+ findings?/);
    expect(text).toContain('F3 silence/INFO payments-internal');
  });

  it('holds whatever names, lines and attributes are made of', () => {
    const noise = new Noise();
    for (let round = 0; round < 15; round++) {
      const specs: TemplateSpec[] = [];
      const texts: Record<string, string> = {};
      const findings = Array.from({ length: 1 + noise.next(30) }, (_, i) => {
        const service = noise.text(3 + noise.next(80));
        const templateId = `t_${i}`;
        const atMs = at('02:40:00') + i * 300;
        const lines = [
          { body: noise.text(1500), atMs, attributes: [[noise.text(40), noise.text(90)]] as const },
        ];
        texts[templateId] = noise.text(300);
        specs.push({ service, templateId, records: 5, severity: 3, lines, instances: [[noise.text(60), 5]] });
        return finding(service, 'new', templateId, atMs, { score: i });
      });
      const target = assembler({ templates: new FixtureTemplates(texts) });
      for (const { event } of target.observe(bucket(at('02:40:00'), specs), { findings, changes: [] })) {
        expect(countTokens(renderText(event, { countTokens }))).toBeLessThanOrEqual(1_100);
      }
    }
  });
});
