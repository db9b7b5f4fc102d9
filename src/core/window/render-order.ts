import type { EventChange, EventFinding, WindowData } from './event-schema.ts';
import { inOrderOfOnset, refNumber } from './headline.ts';
import { quoteName } from './neutralise.ts';
import { byPriority } from './render-priority.ts';
import { type Breadth, plural, timeOfDay } from './render-words.ts';

export function orderLines(data: WindowData, breadth: Breadth): string[] {
  const groups = onsetGroups(data.findings);
  // The first sign is always in the list; of the others those of the highest priority.
  const rank = byPriority(data.findings);
  const rankOf = (group: readonly EventFinding[]): number =>
    Math.min(...group.map((one) => rank.indexOf(one)));
  const kept = new Set(
    [...groups.slice(1)].sort((a, b) => rankOf(a) - rankOf(b)).slice(0, breadth.findings - 1),
  );
  // The last changes: what is nearest to the onset.
  const changes = [...data.changes].sort(byTime).slice(-breadth.changes);
  const shown = groups.filter((group, i) => i === 0 || kept.has(group));
  const lines = [
    ...changes.map((change) => ({
      at: Date.parse(change.at),
      text: `${timeOfDay(change.at)}  ${change.ref} ${changeText(change)}`,
    })),
    ...shown.map((group) => ({ at: Date.parse(group[0]!.onset), text: orderText(group) })),
  ].sort((a, b) => a.at - b.at);
  const more = data.findings.length - shown.reduce((n, group) => n + group.length, 0);
  const moreChanges = data.changes.length - changes.length;
  return [
    'ORDER OF ONSET (event time; order is not cause)',
    ...lines.map(({ text }) => `  ${text}`),
    ...(more > 0 ? [`  … ${plural(more, 'more finding')}`] : []),
    ...(moreChanges > 0 ? [`  … ${plural(moreChanges, 'earlier change')}`] : []),
  ];
}

/** In order of onset; findings of one service, kind, severity and second share a line. */
function onsetGroups(findings: readonly EventFinding[]): EventFinding[][] {
  const groups = new Map<string, EventFinding[]>();
  for (const finding of inOrderOfOnset(findings)) {
    const key = [finding['service.name'], finding.kind, finding.severity, timeOfDay(finding.onset)].join(
      '\n',
    );
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function orderText(group: readonly EventFinding[]): string {
  const { kind, severity, onset, count } = group[0]!;
  const refs = group.map((one) => one.ref).sort((a, b) => refNumber(a) - refNumber(b));
  const isAbsence = kind === 'silence' || kind === 'drop';
  const records = group.reduce((n, one) => n + one.count.window, 0);
  const amount = isAbsence ? '' : ` ×${records}`;
  const ratio =
    count.ratio === undefined || kind === 'silence' || group.length > 1
      ? ''
      : `${isAbsence ? ' ' : ', '}x${count.ratio} when raised`;
  const words = `${kind.toUpperCase()} ${severity.toUpperCase()} ${quoteName(group[0]!['service.name'])}`;
  return `${timeOfDay(onset)}  ${refs.join(' ')} ${words}${amount}${ratio}`;
}

function changeText(change: EventChange): string {
  const name = quoteName(change['service.name']);
  if (change.kind === 'restart') return `restart ${name}`;
  const from = change.from === undefined ? '' : quoteName(change.from);
  return `deploy ${name} ${from}→${quoteName(change.to ?? '')} (service.version)`;
}

export function byTime(a: EventChange, b: EventChange): number {
  return Date.parse(a.at) - Date.parse(b.at) || refNumber(a.ref) - refNumber(b.ref);
}
