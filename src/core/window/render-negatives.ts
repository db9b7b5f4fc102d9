import type { WindowData } from './event-schema.ts';
import { clock } from './headline.ts';
import { neutralise, quoteName } from './neutralise.ts';
import { ageText, type Breadth, grouped, plural, timeOfDay } from './render-words.ts';

/** What of the event the findings' lines do not tell: findings without a line, and what was shown of the rest. */
interface Told {
  readonly hidden: number;
  readonly exemplars: number;
  /** Templates of overflow findings that are shown by their text. */
  readonly members: number;
}

export function negativeLines(data: WindowData, breadth: Breadth, told: Told): string[] {
  const { scope, unchanged, similar, redaction, coverage, not_observed, time } = data;
  const alsoOpen = (data.also_open ?? []).slice(0, breadth.windows);
  const indexed = scope.services.filter((service) => service.traffic_index !== undefined);
  const isUsual = (index: number): boolean =>
    unchanged.some((line) => line.endsWith(`traffic (index ${index})`));
  const usual = indexed.filter((service) => isUsual(service.traffic_index!)).slice(0, breadth.services);
  const changed = indexed.filter((service) => !isUsual(service.traffic_index!)).slice(0, breadth.services);
  const traffic = (list: typeof indexed): string =>
    `traffic after onset: ${list.map((one) => `${quoteName(one['service.name'])} ×${one.traffic_index}`).join(', ')}`;
  const others = unchanged.filter((line) => /^\d{1,7} other services?: no open window$/.test(line));
  const quiet = [...(usual.length > 0 ? [traffic(usual)] : []), ...others];
  const redacted = redaction.total === 0 ? 'nothing redacted' : `${grouped(redaction.total)} values redacted`;
  const baseline =
    coverage.baseline_age_s === undefined
      ? 'baseline age unknown'
      : `baseline ${ageText(coverage.baseline_age_s)} at onset`;
  return [
    ...(changed.length > 0 ? [`CHANGED  ${traffic(changed)}`] : []),
    ...(alsoOpen.length === 0 ? [] : [alsoOpenLine(alsoOpen)]),
    `UNCHANGED  ${quiet.length > 0 ? quiet.join(' · ') : 'nothing known'}`,
    ...(similar === undefined ? [] : similar.slice(0, 2).map(similarLine)),
    omittedLine(data, told),
    `NOT SEEN BY WINNOW  ${not_observed.map(neutralise).join(', ')}. ${redacted}.`,
    `CONFIDENCE  ${baseline}, ${coverage.warm ? 'warm' : 'not warm'} · budget ${coverage.false_alarm_budget_per_day} ` +
      `false findings/day over ${grouped(coverage.templates_tested)} templates · last evidence ${clock(time.end)}`,
  ];
}

/** What the stored window has beyond this text, and what was only counted. */
function omittedLine({ findings, omitted, window_id }: WindowData, told: Told): string {
  const total = (held: (finding: WindowData['findings'][number]) => number): number =>
    findings.reduce((n, finding) => n + held(finding), 0);
  const members = total((finding) => finding.member_templates?.length ?? 0);
  const amounts = (list: readonly (readonly [number, string])[]): string =>
    list
      .filter(([n]) => n > 0)
      .map(([n, noun]) => plural(n, noun))
      .join(', ');
  const stored = amounts([
    [told.hidden, 'finding'],
    [members - told.members, 'overflow template'],
    [total((finding) => finding.exemplars?.length ?? 0) - told.exemplars, 'more example'],
  ]);
  const counted = amounts([
    [omitted.findings, 'finding'],
    [omitted.services, 'service'],
    [omitted.templates_in_overflow - members, 'overflow template'],
    [omitted.exemplars, 'more record'],
  ]);
  const parts = [
    ...(stored === '' ? [] : [`${stored}: winnow windows show ${window_id}`]),
    ...(counted === '' ? [] : [`counted only: ${counted}`]),
  ];
  return `OMITTED  ${parts.length === 0 ? 'nothing' : parts.join(' · ')}`;
}

function alsoOpenLine(windows: NonNullable<WindowData['also_open']>): string {
  const shown = windows.map(
    ({ window_id, onset, severity, services }) =>
      `${window_id} ${severity.toUpperCase()} ${services.map(quoteName).join(', ')} from ${timeOfDay(onset)}`,
  );
  return `ALSO OPEN (no shared service, trace or name)  ${shown.join(' · ')}`;
}

/** Which findings an earlier window told, too, and how it differs: what was its cause then need not be it now. */
function similarLine(similar: NonNullable<WindowData['similar']>[number]): string {
  const { ref, window_id, at, label, similarity, same, different } = similar;
  const name = label === undefined ? '' : ` (${quoteName(label)})`;
  const unlike = different.length === 0 ? 'nothing' : different.map(neutralise).join('; ');
  return `SIMILAR  ${ref} ${window_id}${name} ${at.slice(0, 16)}Z · ${similarity} of all findings in both: ${same.join(' ')} · different: ${unlike}`;
}
