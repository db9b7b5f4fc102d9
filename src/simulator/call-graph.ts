import type { CallSpec, FlowSpec } from './flow.ts';

/** Services whose calls reach this one, nearest first, up to where a failure is tolerated (`optional`). */
export function callersOf(flows: readonly FlowSpec[], service: string): string[] {
  const callers: string[] = [];
  for (const flow of flows) {
    for (const path of pathsTo(flow.call, service, [])) {
      for (const caller of path) if (!callers.includes(caller)) callers.push(caller);
    }
  }
  return callers;
}

/** Keys of the lines that a service writes once its own calls came back: what stops when it fails. */
export function afterLines(flows: readonly FlowSpec[], service: string): string[] {
  const keys: string[] = [];
  for (const flow of flows) collect(flow.call, service, (call) => call.after ?? [], keys);
  return keys;
}

/** All keys that flows make a service write. */
export function flowLines(flows: readonly FlowSpec[], service: string): string[] {
  const keys: string[] = [];
  for (const flow of flows)
    collect(flow.call, service, (call) => [...call.before, ...(call.after ?? [])], keys);
  return keys;
}

/** Routes whose requests may visit the service. */
export function routesThrough(flows: readonly FlowSpec[], service: string): string[] {
  return flows.filter((flow) => servicesOf(flow.call).includes(service)).map((flow) => flow.route);
}

export function servicesOf(call: CallSpec): string[] {
  return [call.service, ...(call.calls ?? []).flatMap(servicesOf)];
}

/** For each place where the service is called: the callers that see it fail, nearest first. */
function pathsTo(call: CallSpec, service: string, above: readonly string[]): string[][] {
  const paths: string[][] = [];
  for (const child of call.calls ?? []) {
    const seenBy = [call.service, ...above];
    if (child.service === service) paths.push(child.optional === true ? [call.service] : seenBy);
    paths.push(...pathsTo(child, service, child.optional === true ? [] : seenBy));
  }
  return paths;
}

function collect(
  call: CallSpec,
  service: string,
  keysOf: (call: CallSpec) => readonly string[],
  into: string[],
): void {
  if (call.service === service) for (const key of keysOf(call)) if (!into.includes(key)) into.push(key);
  for (const child of call.calls ?? []) collect(child, service, keysOf, into);
}
