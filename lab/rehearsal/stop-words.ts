/** The rule that makes a stop of what came over the wire, in the words of the settings. */
export const STOP_RULES = {
  is_online: '`IsOnline` was 0',
  first_not_found: '`ha: false`: the first fault 100 is final',
  last_not_found: '`ha: true`: the last attempt was a fault 100 too',
  only_chat_server: '`singleChatServer: true`: whoever is asked must have it',
  down_stop: '`onChatServerDown: stop`',
  down_without_ha: '`onChatServerDown: auto` with `ha: false`',
  down_outlasted: '`onChatServerDown: auto`, and the deadline is not below `restoreWindowMs`',
  known_down: '`onChatServerDown: auto`, and the Chat Server had been down for the restore window and its lag',
  unrecognised_stop: '`onUnrecognised: stop`',
  no_rule: 'NO RULE makes a stop of this',
} as const;
export type StopRule = keyof typeof STOP_RULES;

/** Why a chat lived although its verdict says that it did not. Each is a rule or parameter of the scenario. */
export const LIFE_CAUSES = {
  misconfigured: 'the answer was false: `misconfigure` makes everything look not found',
  link_lost: 'its Chat Server ran it, and the link between that one and Interaction Server was lost (`link`)',
  not_connected: 'its Chat Server ran it, not connected to Interaction Server for `interactionServer.reconnectMs`',
  stale_name: 'it had moved before the probe began, and its user data still showed the old name (`clients.staleMs`)',
  moved_meanwhile: 'it moved while the probe ran, and the probe knew only the old name',
  asked_elsewhere: 'it ran on another Chat Server than the one that Interaction Server picked (`byType`)',
  crashed_with_it: 'its Chat Server crashed with the message (`slow`), and was back by the verdict',
  client_on_its_way: 'its session could still be restored; its client had not found a place yet (`clients.returnMs`, `limit`)',
  unexplained: 'UNEXPLAINED',
} as const;
export type LifeCause = keyof typeof LIFE_CAUSES;
