/** What a run of the checks was told. Null for what was not given and has no default. */
export interface CheckSettings {
  /** Base URL. */
  readonly url: string | null;
  readonly live: string | null;
  readonly dead: string | null;
  readonly server: string | null;
  readonly downServer: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
  readonly messageText: string;
  readonly idKeys: readonly string[];
  readonly maxReplyMs: number;
  readonly timeoutMs: number;
  readonly runTimeoutMs: number;
  /** True to run without a live or a dead chat, and leave out what needs them. */
  readonly allowSkips: boolean;
  readonly json: boolean;
}
