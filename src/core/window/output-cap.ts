import type { StateRow } from '../../contracts.ts';
import { compareText } from './format.ts';
import {
  BYTES_PER_HOUR,
  EPISODES_PER_TENANT,
  INPUT_BYTES_PER_OUTPUT_BYTE,
  OPEN_WINDOWS_PER_TENANT,
  OUTPUT_ALLOWANCE_BYTES,
  QUIET_MS,
  STORM_GROUPS,
  TENANTS_MAX,
  WINDOWS_PER_HOUR,
} from './limits.ts';
import { decodeState, encodeState, type StormReason, type TenantState } from './state.ts';

const HOUR_MS = 3_600_000;
const LEDGER_KEY = 'ledger';
const TENANT_KEY = 'tenant/';

/**
 * Bounds what leaves: windows and bytes per tenant and hour of event time, and bytes out against bytes in.
 * Holds the tenants' state because hours, episodes and recent changes live as long as a tenant does.
 */
export class OutputCap {
  readonly table: string;
  readonly #tenants = new Map<string, TenantState>();
  readonly #changed = new Set<string>();
  #bytesIn = 0;
  #bytesOut = 0;
  /** Row value last given out. */
  #ledgerTaken = '';

  constructor(table: string) {
    this.table = table;
  }

  read(bytes: number): void {
    this.#bytesIn += bytes;
  }

  tenant(name: string): TenantState {
    let state = this.#tenants.get(name);
    if (state === undefined) {
      state = { tenant: name, hour: 0, windows: 0, bytes: 0, episodes: new Map(), changes: [] };
      this.#makeRoom();
      this.#tenants.set(name, state);
    }
    this.#changed.add(name);
    return state;
  }

  /** Why new windows of this tenant must now be merged into one, or null. */
  stormReason(name: string, atMs: number, groups: number, open: number): StormReason | null {
    const state = this.#hourOf(name, atMs);
    if (groups > STORM_GROUPS) return 'windows_in_one_bucket';
    if (open + groups > OPEN_WINDOWS_PER_TENANT) return 'open_windows';
    if (state.windows + groups > WINDOWS_PER_HOUR) return 'windows_per_hour';
    if (state.bytes >= BYTES_PER_HOUR) return 'bytes_per_hour';
    return null;
  }

  opened(name: string, atMs: number): void {
    this.#hourOf(name, atMs).windows++;
  }

  wrote(name: string, atMs: number, bytes: number): void {
    this.#hourOf(name, atMs).bytes += bytes;
    this.#bytesOut += bytes;
  }

  /** Room for a revision that could wait. */
  hasRoom(name: string, atMs: number, bytes: number): boolean {
    const allowed = this.#bytesIn / INPUT_BYTES_PER_OUTPUT_BYTE + OUTPUT_ALLOWANCE_BYTES;
    return this.#bytesOut + bytes <= allowed && this.#hourOf(name, atMs).bytes + bytes <= BYTES_PER_HOUR;
  }

  /** The episode that a fingerprint belongs to, while it is not quiet. */
  episode(name: string, fingerprint: string, atMs: number): string | null {
    const found = this.tenant(name).episodes.get(fingerprint);
    return found !== undefined && atMs - found.aliveMs < QUIET_MS ? found.episodeId : null;
  }

  keepEpisode(name: string, fingerprint: string, episodeId: string, atMs: number): void {
    const { episodes } = this.tenant(name);
    episodes.delete(fingerprint);
    episodes.set(fingerprint, { episodeId, aliveMs: atMs });
    for (const [key, { aliveMs }] of episodes) {
      if (atMs - aliveMs < QUIET_MS && episodes.size <= EPISODES_PER_TENANT) return;
      episodes.delete(key);
    }
  }

  takeChanges(): StateRow[] {
    const rows = [...this.#changed].sort(compareText).map((name): StateRow => {
      const state = this.#tenants.get(name);
      const value = state === undefined ? null : encodeState(state);
      return { table: this.table, key: TENANT_KEY + name, value };
    });
    this.#changed.clear();
    const value = JSON.stringify([this.#bytesIn, this.#bytesOut]);
    if (value === this.#ledgerTaken) return rows;
    this.#ledgerTaken = value;
    return [{ table: this.table, key: LEDGER_KEY, value }, ...rows];
  }

  load(rows: readonly StateRow[]): void {
    for (const { table, key, value } of rows) {
      if (table !== this.table || value === null) continue;
      if (key === LEDGER_KEY) [this.#bytesIn, this.#bytesOut] = JSON.parse(value) as [number, number];
      else if (key.startsWith(TENANT_KEY))
        this.#tenants.set(key.slice(TENANT_KEY.length), decodeState(value));
    }
  }

  #makeRoom(): void {
    if (this.#tenants.size < TENANTS_MAX) return;
    let oldest: TenantState | null = null;
    for (const state of this.#tenants.values()) {
      const isOlder = oldest === null || state.hour < oldest.hour;
      if (isOlder || (state.hour === oldest!.hour && state.tenant < oldest!.tenant)) oldest = state;
    }
    if (oldest === null) return;
    this.#tenants.delete(oldest.tenant);
    this.#changed.add(oldest.tenant);
  }

  #hourOf(name: string, atMs: number): TenantState {
    const state = this.tenant(name);
    const hour = Math.floor(atMs / HOUR_MS);
    if (state.hour !== hour) Object.assign(state, { hour, windows: 0, bytes: 0 });
    return state;
  }
}
