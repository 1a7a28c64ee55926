import { createHash } from 'node:crypto';
import { ENTRIES_AT_ONCE, LOG_KEPT_MS, MOST_ENTRIES, THERE_MS } from './shared-store.ts';

/** A step that the server makes as a whole. */
export interface ServerScript {
  readonly text: string;
  /** By which the server knows it, once it has seen it. */
  readonly sha1: string;
}

/*
 * The first line makes the server refuse a script as a whole where it may not write, or has no memory: else it asks only before a command
 * that needs memory, and no more once the script has written anything.
 *
 * The time is the server's, with its fraction: an answer as text, since a number of Lua's would lose it. Whatever another program has left
 * under one of our keys is removed, if it is of another type, and expires at the latest when ours would have.
 */
const NOW = `#!lua
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local shown = string.format('%.3f', now)
local function own(key, kind)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('DEL', key) end
end`;

/**
 * Keys: the log, who is there, the number of this replica's last entry, then the leases that it gives back.
 * Arguments: the replica, the number and text of its entry (empty for none), where reading ended, `1` to empty the log; then for each
 * lease its token and for how long it is kept.
 */
export const SYNC = scriptOf(`${NOW}
own(KEYS[1], 'stream') own(KEYS[2], 'zset') own(KEYS[3], 'string')
if ARGV[5] == '1' then redis.call('XTRIM', KEYS[1], 'MAXLEN', 0) end
if ARGV[3] ~= '' and tonumber(ARGV[2]) > (tonumber(redis.call('GET', KEYS[3])) or 0) then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ${MOST_ENTRIES}, '*', 'f', ARGV[3])
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', math.floor(now - ${LOG_KEPT_MS})))
  redis.call('SET', KEYS[3], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ${LOG_KEPT_MS})
end
redis.call('PEXPIRE', KEYS[3], ${LOG_KEPT_MS})
for i = 4, #KEYS do
  own(KEYS[i], 'string')
  local at = 6 + (i - 4) * 2
  if redis.call('GET', KEYS[i]) == ARGV[at] then
    if tonumber(ARGV[at + 1]) > 0 then redis.call('PEXPIRE', KEYS[i], ARGV[at + 1]) else redis.call('DEL', KEYS[i]) end
  end
end
redis.call('ZADD', KEYS[2], shown, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.3f', now - ${THERE_MS}))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '(' .. shown, '+inf')
redis.call('PEXPIRE', KEYS[2], ${THERE_MS})
local entries = redis.call('XRANGE', KEYS[1], '(' .. ARGV[4], '+', 'COUNT', ${ENTRIES_AT_ONCE})
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {shown, redis.call('ZCARD', KEYS[2]), newest[1] and newest[1][1] or '0-0', entries}`);

/** Key: the lease. Arguments: the holder, the token, for how long, and after which moment the claim is void. */
export const CLAIM = scriptOf(`${NOW}
if now > tonumber(ARGV[4]) then return {'late', shown, 0} end
own(KEYS[1], 'string')
local held = redis.call('GET', KEYS[1])
local mine = ARGV[1] .. ':'
if held and string.sub(held, 1, #mine) ~= mine then
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    left = tonumber(ARGV[3])
    redis.call('PEXPIRE', KEYS[1], left)
  end
  return {'held', shown, left}
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return {'granted', shown, 0}`);

export function scriptOf(text: string): ServerScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}
