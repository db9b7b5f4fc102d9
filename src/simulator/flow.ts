/** One call of a request: what a service logs, whom it calls, and what it logs when all came back. */
export interface CallSpec {
  readonly service: string;
  readonly before: readonly string[];
  readonly calls?: readonly CallSpec[];
  readonly after?: readonly string[];
  /** Probability that the call is made at all; absent = always. */
  readonly share?: number;
  /** The caller goes on when this call fails. */
  readonly optional?: boolean;
  /** Line written last in any case, with the status: the access line of an entrance. */
  readonly access?: string;
}

/** One kind of request. */
export interface FlowSpec {
  readonly route: string;
  readonly method: string;
  /** Relative share of all requests. */
  readonly weight: number;
  readonly call: CallSpec;
}
