/** Node's or SQLite's code of an error, such as ENOENT; empty where it has none. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

/** What happened, without the code in front and the call and path behind that Node puts there: callers name these. */
export function systemReason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const prefix = `${codeOf(cause)}: `;
  if (!('syscall' in cause) || !cause.message.startsWith(prefix)) return cause.message;
  return cause.message.slice(prefix.length).replace(/, [a-z]+(?: '[\s\S]*')?$/, '');
}
