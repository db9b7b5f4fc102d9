import type { MinedBucket, MinedService, TemplateCount } from '../../contracts.ts';

/** Lookups into one mined bucket, built on demand. */
export class BucketView {
  readonly bucket: MinedBucket;
  readonly #services = new Map<string, MinedService>();
  readonly #templates = new Map<string, Map<string, TemplateCount>>();

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
    let templates = this.#templates.get(serviceKey);
    if (templates === undefined) {
      templates = new Map(
        this.#services.get(serviceKey)?.templates.map((count) => [count.templateId, count]),
      );
      this.#templates.set(serviceKey, templates);
    }
    return templates.get(templateId);
  }
}
