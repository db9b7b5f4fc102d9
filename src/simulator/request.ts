import type { Random } from './random.ts';

const TENANTS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'] as const;
const REGIONS = ['eu-west-1', 'eu-west-1', 'eu-west-1', 'us-east-1', 'us-east-1', 'ap-south-1'] as const;
/** Distinct customers; drawn by a squared uniform, so that few of them are busy. */
const USERS = 40_000;
const FIRST_NAMES = [
  'ana',
  'ben',
  'chloe',
  'dmitri',
  'elif',
  'farah',
  'goran',
  'hana',
  'ivan',
  'joy',
  'kemal',
  'lena',
];
const MAIL_HOSTS = ['example.com', 'example.org', 'mail.example.net'];

/** One attribute of a record. */
export type Attribute = readonly [key: string, value: string | number];

/**
 * What stays the same for all lines of one request, in every service it crosses. Drawn on first use: a flow that
 * never mentions an order draws no order id. Background work has facts of its own and no trace.
 */
export class RequestFacts {
  readonly traceId: string;
  readonly route: string;
  readonly method: string;
  readonly region: string;
  readonly tenant: string;
  readonly user: string;
  private readonly random: Random;
  private readonly drawn = new Map<string, string>();
  private callerAttributes: readonly Attribute[] | null = null;

  constructor(random: Random, route: string, method: string, traced: boolean) {
    this.random = random;
    this.route = route;
    this.method = method;
    this.traceId = traced ? random.hex(32) : '';
    this.region = random.pick(REGIONS);
    this.tenant = random.pick(TENANTS);
    const position = random.unit();
    this.user = String(100_000 + Math.floor(position * position * USERS));
  }

  /** The same text for the same name, all through the request. */
  fact(name: string, draw: (random: Random) => string): string {
    let value = this.drawn.get(name);
    if (value === undefined) {
      value = draw(this.random);
      this.drawn.set(name, value);
    }
    return value;
  }

  email(): string {
    return this.fact(
      'email',
      (random) => `${random.pick(FIRST_NAMES)}.${this.user}@${random.pick(MAIL_HOSTS)}`,
    );
  }

  clientAddress(): string {
    return this.fact(
      'client',
      (random) =>
        `${random.between(11, 198)}.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`,
    );
  }

  /** Attributes that every record of the request carries; shared, never changed. */
  attributes(): readonly Attribute[] {
    if (this.callerAttributes === null) {
      this.callerAttributes =
        this.traceId === ''
          ? []
          : [
              ['http.route', this.route],
              ['http.request.method', this.method],
              ['tenant.id', this.tenant],
              ['cloud.region', this.region],
              ['user.id', this.user],
            ];
    }
    return this.callerAttributes;
  }
}
