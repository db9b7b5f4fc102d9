// Tables of the detectors. What a bucket changes and what only a judged minute or a rarer event changes have rows of their own.
export const FLEET_TABLE = 'detect_fleet';
/** By service: what is text or sets, as JSON; the numbers a bucket changes; the series a minute changes. */
export const SERVICE_TABLE = 'detect_service';
export const SERVICE_NUMBERS_TABLE = 'detect_service_numbers';
export const SERIES_TABLE = 'detect_series';
/** By block of templates: who they are; the numbers a bucket changes; the rates a minute changes. */
export const TEMPLATE_TABLE = 'detect_template';
export const TEMPLATE_NUMBERS_TABLE = 'detect_template_numbers';
export const RATE_TABLE = 'detect_rate';

export const DETECT_TABLES = [
  FLEET_TABLE,
  SERVICE_TABLE,
  SERVICE_NUMBERS_TABLE,
  SERIES_TABLE,
  TEMPLATE_TABLE,
  TEMPLATE_NUMBERS_TABLE,
  RATE_TABLE,
] as const;

/** Key of the rows of one block of a service's templates. */
export function blockKey(serviceKey: string, number: number): string {
  return `${serviceKey} ${number}`;
}

/** Service keys may hold spaces, numbers do not. */
export function splitBlockKey(key: string): { serviceKey: string; number: number } {
  const space = key.lastIndexOf(' ');
  return { serviceKey: key.slice(0, space), number: Number(key.slice(space + 1)) };
}
