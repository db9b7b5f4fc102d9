import type { BaselineLookup, Finding } from '../../contracts.ts';
import { compareText } from './format.ts';
import { LEAD_MS, SECOND_LOOK_BEFORE_MS, SECOND_LOOK_MS, SECOND_LOOK_SERVICES } from './limits.ts';
import { isRenewal } from './open.ts';
import { byFirstEvidence } from './rank.ts';
import type { ServiceMap } from './service-map.ts';
import type { OpenWindow } from './state.ts';

/**
 * A precursor is often not surprising enough to open a window, and a service that has just stopped has not been silent for
 * long enough. Beside an incident both are: while a window is young, the services that it touches, that its lines name, and
 * that handle the same requests are looked at again. Findings that the window has are left out; canonical order.
 */
export function suspectsFor(
  window: OpenWindow,
  services: ServiceMap,
  baselines: BaselineLookup,
  watermarkMs: number,
): Finding[] {
  const raisedMs = window.findings[0]?.raisedMs;
  if (raisedMs === undefined || window.storm !== null || watermarkMs - raisedMs > SECOND_LOOK_MS) return [];
  // From the first onset of revision 1: what joins must not move it further and further back.
  const fromMs = window.startMs + LEAD_MS - SECOND_LOOK_BEFORE_MS;
  return touchedServices(window, services)
    .flatMap((key) => baselines.suspects(key, fromMs, window.firstOnsetMs))
    .filter((finding) => !window.findings.some((tracked) => isRenewal(tracked.finding, finding)))
    .sort(byFirstEvidence);
}

/** Keys of the window's services, of those that its lines name, and of those that handle the same requests. */
function touchedServices(window: OpenWindow, services: ServiceMap): string[] {
  const known = services.byName(window);
  const own = window.services.map((entry) => entry.service.key);
  const named = window.findings.flatMap((tracked) =>
    tracked.samples.names.map((name) => known.get(name)?.key ?? ''),
  );
  const near = [...known.values()]
    .map((service) => service.key)
    .filter((key) => own.some((mine) => services.areNeighbours(mine, key)))
    .sort(compareText);
  return [...new Set([...own, ...named, ...near])].filter((key) => key !== '').slice(0, SECOND_LOOK_SERVICES);
}
