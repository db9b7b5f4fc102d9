import type { EventExemplar, EventFinding, EventParameter, WindowData } from './event-schema.ts';
import { capText } from './format.ts';
import { quote, quoteName, quoteValue } from './neutralise.ts';
import { ageText, exactTimeOfDay, plural, powerText, seriesText, timeOfDay } from './render-words.ts';

/** `line`: one line; `short`: with its numbers and one exemplar; `full`: everything the event has, capped. */
export type FindingForm = 'none' | 'line' | 'short' | 'full';

const TEMPLATE_CHARS = 200;
const TEMPLATE_CHARS_LINE = 80;
const MEMBERS_SHORT = 2;
const BODY_CHARS = 220;
const VALUE_CHARS = 48;
const SERIES_SHOWN = 15;
const SERIES_BEFORE = 5;
const PARAMETERS_SHOWN = 5;
const ATTRIBUTES_SHOWN = 3;
const EXEMPLARS_SHOWN = 3;

/** A parameter's name comes out of the line itself; longer than this it could be a sentence. */
const PARAMETER_NAME = /^[A-Za-z0-9._-]{1,24}$/;

/** Slot types whose values identify one thing. */
const ID_TYPE = /^(?:uuid|hex|id|hash|b64)$/;

export function renderFinding(
  finding: EventFinding,
  data: WindowData,
  form: FindingForm,
): { lines: string[]; exemplars: number; members: number } {
  if (form === 'none') return { lines: [], exemplars: 0, members: 0 };
  const head = `${finding.ref} ${finding.kind}/${finding.severity.toUpperCase()} ${quoteName(finding['service.name'])}`;
  const template = finding['log.record.template'];
  if (form === 'line') {
    const amount = finding.kind === 'silence' ? '' : `  ×${finding.count.window}`;
    const text =
      template === undefined ? subjectText(finding) : quote(capText(template, TEMPLATE_CHARS_LINE));
    return { lines: [`${head}${amount}  ${text}`], exemplars: 0, members: 0 };
  }
  const isFull = form === 'full';
  const exemplars = (finding.exemplars ?? []).slice(0, isFull ? EXEMPLARS_SHOWN : 1);
  const about = template === undefined ? subjectText(finding) : quote(capText(template, TEMPLATE_CHARS));
  const members = (finding.member_templates ?? []).slice(0, isFull ? undefined : MEMBERS_SHORT);
  const details = [
    numbersText(finding),
    ...(isFull ? [parametersText(finding), attributesText(finding)] : []),
    membersText(finding, members.length),
    exceptionText(finding),
    callSiteText(finding),
    sharedText(finding, data),
    ...(isFull ? [namesText(finding)] : []),
    ...exemplars.map(exemplarText),
  ];
  const lines = details.filter((line) => line !== '').map((line) => `   ${line}`);
  return { lines: [`${head}  ${about}`, ...lines], exemplars: exemplars.length, members: members.length };
}

function subjectText(finding: EventFinding): string {
  return finding.count.members === undefined
    ? 'the service as a whole'
    : `${plural(finding.count.members, 'template')}${finding.count.members === 1 ? '' : ' together'}`;
}

/** What an overflow finding is about: a few of its templates, and how many are not named. */
function membersText(finding: EventFinding, told: number): string {
  const texts = (finding.member_templates ?? []).slice(0, told);
  if (texts.length === 0) return '';
  const rest = (finding.count.members ?? texts.length) - texts.length;
  const shown = texts.map((text) => quote(capText(text, TEMPLATE_CHARS_LINE)));
  if (rest > 0) return `such as ${shown.join(' · ')} and ${rest} more`;
  return `${shown.length === 1 ? 'it is' : 'they are'} ${shown.join(' · ')}`;
}

function numbersText(finding: EventFinding): string {
  const { count, test } = finding;
  const parts = [finding.kind === 'silence' ? silenceText(finding) : changeText(finding)];
  if (test.bits !== undefined) {
    const flag = (test.threshold_bits ?? 0) <= 0 ? '' : ` (flag ≥${test.threshold_bits})`;
    parts.push(`novelty ${count.members === undefined ? '' : 'up to '}${test.bits} bits${flag}`);
  } else if (test.log10_p !== undefined) {
    const sign = test.log10_p_capped === true ? '<' : '=';
    const alarm = test.log10_alpha === undefined ? '' : ` (alarm at ${powerText(test.log10_alpha)})`;
    parts.push(`p${sign}${powerText(test.log10_p)}${alarm}`);
  } else if (test.explain !== undefined) parts.push(quote(test.explain));
  if (count.per_min !== undefined && count.window > 1) {
    parts.push(seriesAround(finding, count.per_min));
  }
  if (count.instances !== undefined && count.instances.known > 1) {
    const atLeast = count.instances.censored === true ? 'at least ' : '';
    parts.push(`${atLeast}${count.instances.affected} of ${count.instances.known} instances`);
  }
  if (count.censored === true) parts.push('lower bound (censored)');
  return parts.join(' · ');
}

/** The minutes around the onset; a window that closes later has nothing but zeros at its end. */
function seriesAround({ count, onset }: EventFinding, series: readonly (number | null)[]): string {
  const onsetMinute = Math.floor((Date.parse(onset) - Date.parse(count.per_min_from ?? onset)) / 60_000);
  const latest = Math.max(0, series.length - SERIES_SHOWN);
  const from = Math.min(latest, Math.max(0, onsetMinute - SERIES_BEFORE));
  const shown = series.slice(from, from + SERIES_SHOWN);
  const isToEnd = from + shown.length === series.length;
  const partial = isToEnd && count.per_min_last_s !== undefined ? ` (last ${count.per_min_last_s}s)` : '';
  return `per min ${seriesText(shown)}${isToEnd ? partial : ' …'}`;
}

function changeText({ count }: EventFinding): string {
  const age = count.baseline_s;
  if (count.first_seen_ever === true) {
    return `before 0${age === undefined ? '' : ` in ${ageText(age)}`} → now ${count.window}`;
  }
  // New and rare templates together have no common "before"; without their ids nothing is counted but what raised it.
  if (count.members !== undefined) {
    const raisedBy = count.observed ?? count.window;
    const isCounted = count.per_min !== undefined || count.window > raisedBy;
    if (!isCounted) return `${plural(raisedBy, 'record')} raised it`;
    const all = `${plural(count.window, 'record')} in ${ageText(count.window_s)}`;
    return count.window > raisedBy ? `${all}, ${raisedBy} of them raised it` : all;
  }
  const before =
    count.baseline_per_min === undefined ? 'before unknown' : `before ${count.baseline_per_min}/min`;
  if (count.expected === undefined) return `${before} → now ${count.window} in ${ageText(count.window_s)}`;
  const p99 = count.expected_p99 === undefined ? '' : `, p99 ${count.expected_p99}`;
  const ratio = count.ratio === undefined ? '' : ` (x${count.ratio})`;
  return `${before} (expected ${count.expected}${p99} when raised) → ${count.observed ?? count.window}${ratio}`;
}

function silenceText({ count, onset, last_seen }: EventFinding): string {
  const before =
    count.baseline_per_min === undefined ? 'before unknown' : `before ${count.baseline_per_min}/min`;
  return `${before} → 0 from ${timeOfDay(onset)} when raised (last record ${timeOfDay(last_seen)})`;
}

function parametersText({ params, sampled }: EventFinding): string {
  if (params === undefined || params.length === 0) return '';
  const of =
    sampled === undefined || sampled.n >= sampled.of ? '' : ` (${sampled.n} of ${sampled.of} sampled)`;
  // The ids of a single record are in its exemplar; alone they tell nothing.
  const isSingle = sampled !== undefined && sampled.n === 1;
  const telling = params.filter((param) => !isSingle || !ID_TYPE.test(param.type ?? param.name));
  if (telling.length === 0) return '';
  return `params${of}: ${telling.slice(0, PARAMETERS_SHOWN).map(parameterText).join(' · ')}`;
}

function parameterText(param: EventParameter): string {
  const name = PARAMETER_NAME.test(param.name) ? param.name : quote(capText(param.name, 24));
  if (param.p50 !== undefined) return `${name} p50 ${param.p50} p99 ${param.p99} (${param.min}…${param.max})`;
  const values = param.values ?? [];
  if (values.length === 0) return `${name} ${param.distinct ?? 0} distinct`;
  const shown = (value: string | number): string =>
    quoteValue(typeof value === 'number' ? value : capText(value, VALUE_CHARS));
  if (param.distinct === 1) return `${name}=${shown(values[0]![0])} always`;
  const more = (param.distinct ?? values.length) - values.length;
  const rest = more > 0 ? `, ${more} other values` : '';
  return `${name}=${values.map(([value, n]) => `${shown(value)}×${n}`).join(' ')}${rest}`;
}

function attributesText({ attributes }: EventFinding): string {
  if (attributes === undefined) return '';
  const shown = attributes.slice(0, ATTRIBUTES_SHOWN).map((lift) => {
    const value = quoteValue(capText(lift.value, VALUE_CHARS));
    const share = `${percent(lift.share)} here vs ${percent(lift.service_share)} of service`;
    return `${quoteName(lift.key)}=${value} ${share} (log-odds +${lift.log_odds})`;
  });
  return `over-represented: ${shown.join(' · ')}`;
}

/** The exception's type only where the template shown does not name it. */
function exceptionText({ exception, 'log.record.template': template = '' }: EventFinding): string {
  if (exception === undefined) return '';
  const frame = exception.in_app_frame;
  const isNamed = exception.type === undefined || capText(template, TEMPLATE_CHARS).includes(exception.type);
  const type = isNamed ? '' : `exception ${quote(capText(exception.type ?? '', 80))}`;
  if (frame === undefined) return type;
  const above = exception.library_frames_above ?? 0;
  const folded = above > 0 ? ` (${above} library ${above === 1 ? 'frame' : 'frames'} above)` : '';
  return `${type}${type === '' ? '' : ' · '}first app frame: ${placeText(frame)}${folded}`;
}

/** Where its records are written; a stack trace says it better. */
function callSiteText({ call_site, exception }: EventFinding): string {
  if (call_site === undefined || exception?.in_app_frame !== undefined) return '';
  return `written at ${placeText(call_site)}`;
}

function placeText(place: NonNullable<EventFinding['call_site']>): string {
  const line = place['code.line.number'] === undefined ? '' : `:${place['code.line.number']}`;
  const parts = [place['code.function.name'], place['code.file.path']].filter((part) => part !== undefined);
  return quote(`${capText(parts.join(' '), 120)}${line}`);
}

function sharedText(finding: EventFinding, { shared_traces }: WindowData): string {
  const of = shared_traces?.[`of_${finding.ref}_traced`];
  if (shared_traces === undefined || of === undefined) return '';
  const ends = `_${finding.ref}`;
  const shared = Object.entries(shared_traces).filter(
    ([key]) => /^F\d+_F\d+$/.test(key) && key.endsWith(ends),
  );
  const parts = shared
    .slice(0, 2)
    .map(([key, n]) => `${n} of ${of} sampled ${finding.ref} traces also in ${key.split('_')[0]}`);
  return parts.join(' · ');
}

function namesText({ names_services }: EventFinding): string {
  return names_services === undefined ? '' : `its lines name ${names_services.map(quoteName).join(', ')}`;
}

function exemplarText(exemplar: EventExemplar): string {
  const id = exemplar.trace_id;
  const trace =
    id === undefined
      ? ''
      : `trace ${/^[0-9a-f]{32}$/.test(id) ? `${id.slice(0, 8)}…${id.slice(-5)}` : quote(capText(id, 32))} `;
  const service = exemplar['service.name'];
  const near = exemplar.near_template_id === undefined ? '' : 'beside it ';
  const other = service === undefined ? near : `from ${quoteName(service)} `;
  return `${exemplar.ref} ${exactTimeOfDay(exemplar.time)} ${other}${trace}${quote(excerpt(exemplar.body))}`;
}

/** Long ids take most of a line's tokens and tell least: they are shortened like trace ids, visibly. */
const LONG_ID =
  /(?<![0-9a-zA-Z])([0-9a-f]{8})(?:-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{7}|[0-9a-f]{19,120})([0-9a-f]{5})(?![0-9a-zA-Z])/gi;

/** A long line keeps its head and its tail: the head often is a prefix, the tail often is the message. */
function excerpt(body: string): string {
  const text = body.replace(LONG_ID, '$1…$2');
  if (text.length <= BODY_CHARS || text.includes('\n')) return capText(text, BODY_CHARS);
  const half = BODY_CHARS / 2;
  return `${capText(text, half)} ${text.slice(text.length - half + 1)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
