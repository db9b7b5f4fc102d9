import Database from 'better-sqlite3';
import { APPLICATION_ID, PURPOSE_KEY } from './database.ts';

/**
 * What a store was made for, as noted when it was created. Null: there is no note, a worker without that purpose opened
 * the store since, or the file is no store of winnow's, or cannot be read as one.
 */
export function readPurpose(path: string): string | null {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) return null;
    const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(PURPOSE_KEY);
    return (row as { value: string } | undefined)?.value ?? null;
  } catch {
    return null;
  } finally {
    database?.close();
  }
}
