import type { Finding } from '../../contracts.ts';
import { compareText, hash64 } from './format.ts';

/** Identity without time: tenant, environment and the sorted (template, kind) pairs of revision 1. */
export function fingerprintOf(tenant: string, environment: string, findings: readonly Finding[]): string {
  const parts = findings.map(
    (finding) => `${finding.templateId ?? finding.service.key}\u0000${finding.kind}`,
  );
  const distinct = [...new Set(parts)].sort(compareText);
  return hash64([tenant, environment, ...distinct].join('\u0001')).slice(0, 12);
}

/** Same fingerprint, first onset bucket and scanner version: the same window, on any machine. */
export function windowIdOf(fingerprint: string, onsetBucketMs: number, scannerVersion: string): string {
  return `w_${hash64(`${fingerprint}\u0001${onsetBucketMs}\u0001${scannerVersion}`).slice(0, 12)}`;
}

export function episodeIdOf(fingerprint: string, onsetBucketMs: number): string {
  return `ep_${hash64(`episode\u0001${fingerprint}\u0001${onsetBucketMs}`).slice(0, 8)}`;
}
