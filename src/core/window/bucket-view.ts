import type { MinedBucket, MinedService, TemplateCount } from '../../contracts.ts';

/** Lookups into one mined bucket. */
export class BucketView {
  readonly bucket: MinedBucket;
  readonly #services = new Map<string, MinedService>();

  constructor(bucket: MinedBucket) {
    this.bucket = bucket;
    for (const mined of bucket.services) this.#services.set(mined.service.key, mined);
  }

  get endMs(): number {
    return this.bucket.startMs + this.bucket.stepMs;
  }

  service(serviceKey: string): MinedService | undefined {
    return this.#services.get(serviceKey);
  }

  template(serviceKey: string, templateId: string | null): TemplateCount | undefined {
    if (templateId === null) return undefined;
    const templates = this.#services.get(serviceKey)?.templates ?? [];
    let from = 0;
    for (let to = templates.length; from < to; ) {
      const middle = (from + to) >> 1;
      if (templates[middle]!.templateId < templateId) from = middle + 1;
      else to = middle;
    }
    const found = templates[from];
    return found?.templateId === templateId ? found : undefined;
  }
}
