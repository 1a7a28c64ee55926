import type { Clock } from '../../src/probe/clock.ts';
import type { Check } from './check.ts';
import { NO_REDIRECT, WRONG_HTTP_METHOD, WRONG_PATH } from './checks/addresses.ts';
import { AUTH_NO_TOKEN, AUTH_WRONG_TOKEN } from './checks/authentication.ts';
import * as bad from './checks/bad-messages.ts';
import { CONCURRENT_REPLIES } from './checks/concurrency.ts';
import { KEEP_ALIVE, slowClient, slowClientAlone } from './checks/connections.ts';
import { DEADLINE_ABSENT, DEADLINE_OVER, deadlineLateBody } from './checks/deadline.ts';
import { HEALTH } from './checks/health.ts';
import { MESSAGE_OPTIONS, USER_DATA } from './checks/message-forms.ts';
import * as reading from './checks/one-reading.ts';
import * as form from './checks/reply-form.ts';
import * as kinds from './checks/reply-kinds.ts';

/** Every check, in the order of a run: what must work, then what must be withstood, and whether it was. */
export function checks(clock: Clock): readonly Check[] {
  return [
    HEALTH,
    kinds.REPLY_FAULT_100,
    kinds.REPLY_DELIVERED,
    kinds.REPLY_SERVER_DOWN,
    kinds.REPLY_UNKNOWN_SERVER,
    kinds.REPLY_BY_TYPE,
    form.REFERENCE_IDS_ECHOED,
    form.CONTENT_TYPE,
    form.REPLY_SIZE,
    form.REPLY_USER_DATA,
    reading.REPLY_KEYS,
    reading.REPLY_NESTED_IDS,
    reading.REPLY_ECHO,
    reading.REPLY_FAULT_CODE,
    reading.REPLY_ERROR_NAMES,
    form.REPLY_TIME,
    form.NO_INTERIM_ANSWER,
    MESSAGE_OPTIONS,
    USER_DATA,
    CONCURRENT_REPLIES,
    KEEP_ALIVE,
    slowClient(clock),
    slowClientAlone(clock),
    DEADLINE_ABSENT,
    DEADLINE_OVER,
    deadlineLateBody(clock),
    AUTH_NO_TOKEN,
    AUTH_WRONG_TOKEN,
    WRONG_HTTP_METHOD,
    WRONG_PATH,
    NO_REDIRECT,
    bad.BAD_JSON,
    bad.NOT_A_REQUEST,
    bad.MISSING_PARTS,
    bad.MISSING_PARAMETERS,
    bad.UNKNOWN_METHOD,
    bad.UNKNOWN_SERVICE,
    bad.UNKNOWN_APP_TYPE,
    bad.OVERSIZED_MESSAGE,
    bad.STILL_ANSWERS,
  ];
}
