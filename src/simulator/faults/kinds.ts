import { WinnowError } from '../../errors.ts';
import type { CompiledService } from '../compiled-service.ts';
import type { Effects } from '../effects.ts';
import type { FaultKind, FaultSpec, InjectedFault } from '../fault.ts';
import type { Fleet } from '../fleet.ts';
import type { FlowSpec } from '../flow.ts';
import { SEVERITY_NUMBER } from '../line.ts';
import { Random } from '../random.ts';
import {
  certificateExpired,
  dependencyRefused,
  dnsFailure,
  latencyRamp,
  precursorOutage,
} from './dependencies.ts';
import { badVersion, configChange, plainDeploy } from './deploys.ts';
import { agentRestart, debugFlood, nightlyBatch, trafficPush } from './harmless.ts';
import { deadlock, diskFull, memoryLeak, partialFault, podFault } from './resources.ts';
import { consumerStuck, serviceDown, serviceSilence, silentLine, thinnedLine } from './silences.ts';
import { authFailures, givenLines, rareWarning, retryStorm, trafficDrop } from './volumes.ts';

/** Every kind of fault, and of harmless change. Add a planner, then its row here. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  bad_version: badVersion,
  dependency_refused: dependencyRefused,
  precursor_outage: precursorOutage,
  latency_ramp: latencyRamp,
  certificate_expired: certificateExpired,
  dns_failure: dnsFailure,
  silent_line: silentLine,
  thinned_line: thinnedLine,
  consumer_stuck: consumerStuck,
  service_silence: serviceSilence,
  service_down: serviceDown,
  pod_fault: podFault,
  partial_fault: partialFault,
  memory_leak: memoryLeak,
  disk_full: diskFull,
  deadlock,
  config_change: configChange,
  retry_storm: retryStorm,
  auth_failures: authFailures,
  traffic_drop: trafficDrop,
  rare_warning: rareWarning,
  given_lines: givenLines,
  plain_deploy: plainDeploy,
  agent_restart: agentRestart,
  nightly_batch: nightlyBatch,
  traffic_push: trafficPush,
  debug_flood: debugFlood,
};

/** Adds one fault to the effects and the fleet, and returns the truth about it. */
export function planFault(
  spec: FaultSpec,
  index: number,
  options: { readonly seed: number; readonly startMs: number },
  system: {
    readonly services: ReadonlyMap<string, CompiledService>;
    readonly fleet: Fleet;
    readonly effects: Effects;
    readonly flows: readonly FlowSpec[];
    readonly callsFailRoutinely: boolean;
  },
): InjectedFault {
  const kind = FAULT_KINDS[spec.kind];
  if (kind === undefined) {
    throw new WinnowError('WINNOW_SIMULATOR_FAULT', `plan fault of unknown kind ${spec.kind}`, {
      hint: `kinds: ${Object.keys(FAULT_KINDS).join(', ')}`,
    });
  }
  const serviceName = spec.service ?? kind.defaultService;
  const service = system.services.get(serviceName);
  if (service === undefined)
    throw new WinnowError('WINNOW_SIMULATOR_FAULT', `plan ${spec.kind} in unknown service ${serviceName}`);
  const startMs = options.startMs + spec.atMs;
  const endMs = startMs + (spec.durationMs ?? kind.defaultDurationMs);
  const faultId = `f${index + 1}_${spec.kind}`;
  const truth = kind.plan({
    faultId,
    startMs,
    endMs,
    intensity: spec.intensity ?? 1,
    variant: spec.variant,
    given: spec.given ?? [],
    service,
    random: Random.named(options.seed, faultId),
    ...system,
  });
  const loud = truth.lines.filter((line) => line.change === 'appears' || line.change === 'grows');
  const severity = loud.reduce<InjectedFault['severity']>(
    (worst, line) => (SEVERITY_NUMBER[line.severity] > SEVERITY_NUMBER[worst] ? line.severity : worst),
    'INFO',
  );
  const firstEvidence = spec.kind === 'precursor_outage' ? truth.lines[0]!.service : serviceName;
  return {
    id: faultId,
    kind: spec.kind,
    incident: kind.incident,
    service: firstEvidence,
    startMs,
    endMs,
    severity,
    ...truth,
  };
}
