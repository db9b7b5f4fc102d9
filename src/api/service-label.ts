import type { ServiceRef, WindowRevision } from '../contracts.ts';

/** A service as the label `service` shows it: `environment/namespace/name` without the parts that are empty. */
export function serviceLabel({
  environment,
  namespace,
  name,
}: Pick<ServiceRef, 'environment' | 'namespace' | 'name'>): string {
  return [environment, namespace, name].filter((part) => part !== '').join('/');
}

/** The same for the service that a window names first. Its names are read from the event, which has them in full. */
export function windowServiceLabel({ event, services }: Pick<WindowRevision, 'event' | 'services'>): string {
  const scope = (event as { data?: { scope?: EventScope } }).data?.scope;
  return serviceLabel({
    environment: scope?.['deployment.environment.name'] ?? '',
    namespace: scope?.services?.[0]?.['service.namespace'] ?? '',
    name: services[0] ?? '',
  });
}

/** The part of a window event (proto/winnow/v1/window.schema.json) that is read here. */
interface EventScope {
  readonly 'deployment.environment.name'?: string;
  readonly services?: readonly { readonly 'service.namespace'?: string }[];
}
