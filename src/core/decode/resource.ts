import type { Resource, ServiceRef } from '../../contracts.ts';
import type { Redactor } from '../redact.ts';

/** Between the parts of `ServiceRef.key`; control characters in the parts are replaced, so it cannot occur in one. */
const KEY_SEPARATOR = '\u001f';

/** Longest tenant, environment, namespace, service name, version, instance or attribute key, in characters. */
const MAX_NAME_CHARS = 128;

/** Longest text kept of a resource attribute's value, in characters: enough for an image name or a command's head. */
const MAX_VALUE_CHARS = 256;

/** Resource attributes kept for display; the OTel SDKs' own default limit for attributes is 128. */
const MAX_ATTRIBUTES = 64;

export const DEFAULT_TENANT = 'default';
export const UNKNOWN_SERVICE = 'unknown_service';

/**
 * Where the service name comes from, first one set wins. After `service.name` the workload, then the container,
 * as the OpenTelemetry operator derives it (open-telemetry/opentelemetry-operator README, "service.name").
 */
const NAME_KEYS = [
  'service.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
  'k8s.container.name',
  'container.name',
  'process.executable.name',
] as const;

const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment'] as const;

const INSTANCE_KEYS = ['service.instance.id', 'k8s.pod.name', 'host.name', 'container.id'] as const;

/** Attributes that a Resource carries as fields and does not repeat among its attributes. */
const IDENTITY_KEYS: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.version',
  'service.instance.id',
  ...ENVIRONMENT_KEYS,
]);

export interface ResourceOptions {
  /** Resource attribute that names the tenant; empty = everybody is the default tenant. */
  readonly tenantAttribute: string;
  readonly defaultTenant: string;
  /**
   * Applied to what is kept of a resource, but for the tenant: two that look alike redacted must stay two. Resources are
   * cached, so this runs once for each. Absent = nothing is hidden.
   */
  readonly redactor?: ResourceRedactor;
}

export type ResourceRedactor = Pick<Redactor, 'redact' | 'redactValue'>;

export const NOTHING_REDACTED: ResourceRedactor = {
  redact: (text) => text,
  redactValue: (_key, value) => value,
};

/**
 * Who wrote the records. The namespace is `service.namespace` alone: a Kubernetes namespace is not taken for it,
 * because it often names the environment or the team, and would change the identity of a service that is moved.
 */
export function resourceOf(attributes: ReadonlyMap<string, string>, options: ResourceOptions): Resource {
  const tenant = options.tenantAttribute === '' ? '' : (attributes.get(options.tenantAttribute) ?? '');
  const redactor = options.redactor ?? NOTHING_REDACTED;
  const shown: [string, string][] = [];
  for (const [key, value] of attributes) {
    if (IDENTITY_KEYS.has(key) || key === options.tenantAttribute || key === '') continue;
    shown.push([key, value]);
  }
  shown.sort(byKey);
  return {
    service: serviceRef(
      tenant === '' ? options.defaultTenant : tenant,
      redactor.redact(firstOf(attributes, ENVIRONMENT_KEYS)),
      redactor.redact(attributes.get('service.namespace') ?? ''),
      redactor.redact(firstOf(attributes, NAME_KEYS)),
    ),
    version: cleanName(redactor.redact(attributes.get('service.version') ?? '')),
    instance: cleanName(redactor.redact(firstOf(attributes, INSTANCE_KEYS))),
    // Redacted before they are cut: what is left of a secret has lost its shape.
    attributes: shown
      .slice(0, MAX_ATTRIBUTES)
      .map(
        ([key, value]) =>
          [
            cap(redactor.redact(key), MAX_NAME_CHARS),
            cap(redactor.redactValue(key, value), MAX_VALUE_CHARS),
          ] as [string, string],
      )
      .sort(byKey),
  };
}

function byKey(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** The resource of records that carry none: text lines. */
export function createTextResource(tenant: string, serviceName: string): Resource {
  return { service: serviceRef(tenant, '', '', serviceName), version: '', instance: '', attributes: [] };
}

/** Empty tenant and name become `default` and `unknown_service`. */
export function serviceRef(tenant: string, environment: string, namespace: string, name: string): ServiceRef {
  const parts = {
    tenant: cleanName(tenant) || DEFAULT_TENANT,
    environment: cleanName(environment),
    namespace: cleanName(namespace),
    name: cleanName(name) || UNKNOWN_SERVICE,
  };
  const key = [parts.tenant, parts.environment, parts.namespace, parts.name].join(KEY_SEPARATOR);
  return { key, ...parts };
}

function firstOf(attributes: ReadonlyMap<string, string>, keys: readonly string[]): string {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined && value !== '') return value;
  }
  return '';
}

/**
 * Control characters, and those that are invisible or turn the direction of what follows, become `_`, lone surrogates
 * U+FFFD (so that the name survives UTF-8); at most 128 characters.
 */
export function cleanName(text: string): string {
  return cap(text, MAX_NAME_CHARS)
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '_')
    .trim();
}

/** Cut to `chars`, never between the halves of a surrogate pair. */
function cap(text: string, chars: number): string {
  return (text.length <= chars ? text : text.slice(0, chars)).toWellFormed();
}
