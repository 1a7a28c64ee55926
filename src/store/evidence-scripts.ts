import { MOST_OF_ONE_CHAT } from '../evidence/evidence-rules.ts';
import { scriptOf } from './redis-scripts.ts';

/** Of the memory that the store may take: beyond that evidence gives way, so that what verdicts go by still has room. */
const SHARE_OF_MEMORY = 0.8;
/** Records that give way then for each that is written, itself among them. */
const GIVEN_WHERE_TIGHT = 3;

/*
 * What the scripts have in common: KEYS[1] begins all keys, which they put together themselves.
 *
 *   probe:ID             a record: a head of nine words (order, verdict, reason, target, Chat Server, interaction, writer, rank, requests), then its text
 *   truth:ID             what was said of it, and when: `alive 1764312345678`
 *   index:TARGET:VERDICT the ids of a target's records, by order
 *   chat:INTERACTION     those of an interaction
 *   targets              of which there are any
 *   sent:WRITER          the number of its last batch, and what was answered
 *
 * Records expire by themselves; an index still has their ids then. Whatever else lies under such a key is none of ours, and goes.
 */
const COMMON = `local base = KEYS[1]
local function text(key)
  local found = redis.pcall('GET', key)
  if type(found) == 'table' and found.err and not string.find(found.err, '^WRONGTYPE') then error(found) end
  return type(found) == 'string' and found or nil
end
local function index(target, verdict) return base .. 'index:' .. target .. ':' .. verdict end
local HEAD = '^(%d+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%d+) (%d+)\\n'
local function record(id)
  local found = text(base .. 'probe:' .. id)
  if not found then return nil end
  local _, last, order, verdict, reason, target, server, chat, writer, rank, requests = string.find(found, HEAD)
  if not last then return nil end
  return {order = order, verdict = verdict, reason = reason, target = target, server = server, chat = chat, writer = writer,
    rank = tonumber(rank), requests = tonumber(requests), text = string.sub(found, last + 1), whole = found}
end
local function shown(id, found) return {id, found.whole, text(base .. 'truth:' .. id) or ''} end`;

/**
 * Arguments: the writer and the number of its batch; how long records are kept; the most of a target, and of its stops; how many records
 * follow; two for each, ten words (id, truth, order, verdict, reason, target, Chat Server, interaction, rank, requests) and its text; then
 * three for each word that somebody said (id, truth, age).
 *
 * Answers whether this writer is known; what made room and what the words came to, which is the same if the batch comes again; and the
 * records that the words are about.
 */
export const WRITE_EVIDENCE = scriptOf(`#!lua
${COMMON}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local writer, number, kept = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local most, mostStops, records = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local words = 7 + records * 2
local known = {}
local function own(key, kind)
  if known[key] then return end
  known[key] = true
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('DEL', key) end
end
local function set(key, value)
  redis.call('SET', key, value, 'PX', kept)
end
local function add(key, order, id)
  own(key, 'zset')
  redis.call('ZADD', key, order, id)
  redis.call('PEXPIRE', key, kept)
end
local info = redis.call('INFO', 'memory')
local function bytes(field) return tonumber(string.match(info, field .. ':(%d+)') or 0) end
local isTight = bytes('maxmemory') > 0 and bytes('used_memory') > bytes('maxmemory') * ${SHARE_OF_MEMORY}
local evicted = {}
local function evict(target, verdict, id)
  local found = record(id)
  redis.call('ZREM', index(target, verdict), id)
  if not found then return end
  redis.call('ZREM', base .. 'chat:' .. found.chat, id)
  redis.call('DEL', base .. 'probe:' .. id)
  local kind = target .. ' ' .. verdict
  evicted[kind] = (evicted[kind] or 0) + 1
end
local function makeRoom(target)
  local stops, others = index(target, 'stop'), index(target, 'route')
  own(stops, 'zset') own(others, 'zset')
  for _, key in ipairs({stops, others}) do
    for _, id in ipairs(redis.call('ZRANGE', key, 0, 2)) do
      if redis.call('EXISTS', base .. 'probe:' .. id) == 0 then redis.call('ZREM', key, id) end
    end
  end
  local all = redis.call('ZCARD', stops) + redis.call('ZCARD', others)
  for _ = 1, isTight and math.min(all, ${GIVEN_WHERE_TIGHT}) or all - most do
    local verdict = 'route'
    if redis.call('ZCARD', others) == 0 or redis.call('ZCARD', stops) > mostStops then verdict = 'stop' end
    evict(target, verdict, redis.call('ZRANGE', index(target, verdict), 0, 0)[1])
  end
end
local function makeRoomOf(chat, target)
  local key = base .. 'chat:' .. chat
  if redis.call('ZCARD', key) <= ${MOST_OF_ONE_CHAT} then return end
  local ids = redis.call('ZRANGE', key, 0, -1)
  local oldest = ids[1]
  for _, id in ipairs(ids) do
    local found = record(id)
    if not found or found.verdict == 'route' then oldest = id break end
  end
  local found = record(oldest)
  redis.call('ZREM', key, oldest)
  if found then evict(found.target, found.verdict, oldest) end
end
local function write(at)
  local id, truth, order, verdict, reason, target, server, chat, rank, requests =
    string.match(ARGV[at], '^(%S+) (%S+) (%d+) (%S+) (%S+) (%S+) (%S+) (%S+) (%d+) (%d+)$')
  if not id then return end
  local written = ARGV[at + 1]
  local by, before = writer, record(id)
  if before then
    requests = requests + before.requests
    if before.writer ~= writer and tonumber(rank) <= before.rank then
      order, verdict, reason, target, server = before.order, before.verdict, before.reason, before.target, before.server
      chat, by, rank, written = before.chat, before.writer, before.rank, before.text
    else
      redis.call('ZREM', index(before.target, before.verdict), id)
    end
  end
  set(base .. 'probe:' .. id, table.concat({order, verdict, reason, target, server, chat, by, rank, string.format('%d', requests)}, ' ') .. '\\n' .. written)
  add(index(target, verdict), order, id)
  add(base .. 'chat:' .. chat, order, id)
  own(base .. 'targets', 'set')
  redis.call('SADD', base .. 'targets', target)
  redis.call('PEXPIRE', base .. 'targets', kept)
  if truth ~= '-' then redis.call('SET', base .. 'truth:' .. id, truth .. ' 0', 'PX', kept, 'NX') end
  makeRoomOf(chat)
  makeRoom(target)
end
local function hear(at)
  local id, truth, saidAt = ARGV[at], ARGV[at + 1], now - tonumber(ARGV[at + 2])
  if not record(id) then return '- -' end
  local key = base .. 'truth:' .. id
  local before, beforeAt = string.match(text(key) or '', '^(%S+) (%-?%d+)$')
  if not before or saidAt >= tonumber(beforeAt) then set(key, string.format('%s %.0f', truth, saidAt)) end
  return (before and '0 ' or '1 ') .. (before or '-')
end

local last, answered = string.match(text(base .. 'sent:' .. writer) or '', '^(%d+)\\n(.*)$')
if not last or number > tonumber(last) then
  for i = 0, records - 1 do write(7 + i * 2) end
  local heard = {}
  for at = words, #ARGV, 3 do heard[#heard + 1] = hear(at) end
  local gone = {}
  for kind, count in pairs(evicted) do gone[#gone + 1] = kind .. ' ' .. count end
  answered = table.concat(gone, ';') .. '|' .. table.concat(heard, ';')
  set(base .. 'sent:' .. writer, string.format('%.0f', number) .. '\\n' .. answered)
end
local about = {}
for at = words, #ARGV, 3 do
  local found = record(ARGV[at])
  about[#about + 1] = found and shown(ARGV[at], found) or {}
end
return {last and 1 or 0, answered, about}`);

/** Argument: the id of a probe. */
export const FIND_EVIDENCE = scriptOf(`#!lua flags=no-writes
${COMMON}
local found = record(ARGV[1])
return found and {shown(ARGV[1], found)} or {}`);

/** Argument: an interaction. */
export const EVIDENCE_OF_INTERACTION = scriptOf(`#!lua flags=no-writes
${COMMON}
local all = {}
for _, id in ipairs(redis.call('ZREVRANGE', base .. 'chat:' .. ARGV[1], 0, ${MOST_OF_ONE_CHAT - 1})) do
  local found = record(id)
  if found then all[#all + 1] = shown(id, found) end
end
return all`);

/**
 * Arguments: verdict, reason, target and Chat Server, empty where they do not matter; the least order; the order and id before which to
 * begin; how many records there may be, and how many may be looked at; then ids of which to tell whether they are there.
 *
 * Answers where it stopped looking (empty at the end), the records, and the ids.
 */
export const LIST_EVIDENCE = scriptOf(`#!lua flags=no-writes
${COMMON}
local reason, server, before, beforeId = ARGV[2], ARGV[4], tonumber(ARGV[6]), ARGV[7]
local limit, budget = tonumber(ARGV[8]), tonumber(ARGV[9])
local targets = ARGV[3] == '' and redis.call('SMEMBERS', base .. 'targets') or {ARGV[3]}
local verdicts = ARGV[1] == '' and {'stop', 'route'} or {ARGV[1]}
local each = math.max(10, math.floor(budget / math.max(1, #targets * #verdicts)))
local function isOlder(order, id, than, thanId) return order < than or (order == than and id < thanId) end

local held = {}
for at = 10, #ARGV do
  if record(ARGV[at]) then held[#held + 1] = ARGV[at] end
end
local places = {}
local floor, floorId
for _, target in ipairs(targets) do
  for _, verdict in ipairs(verdicts) do
    local found = redis.call('ZREVRANGEBYSCORE', index(target, verdict), ARGV[6], ARGV[5], 'WITHSCORES', 'LIMIT', 0, each)
    for i = 1, #found, 2 do
      local order, id = tonumber(found[i + 1]), found[i]
      if isOlder(order, id, before, beforeId) then places[#places + 1] = {order, id} end
    end
    if #found == each * 2 then
      local order, id = tonumber(found[#found]), found[#found - 1]
      if not floor or isOlder(floor, floorId, order, id) then floor, floorId = order, id end
    end
  end
end
table.sort(places, function(one, other) return isOlder(other[1], other[2], one[1], one[2]) end)

local all = {}
local order, id = '', ''
for at, place in ipairs(places) do
  if floor and isOlder(place[1], place[2], floor, floorId) then break end
  order, id = string.format('%.0f', place[1]), place[2]
  local found = record(id)
  if found and (reason == '' or found.reason == reason) and (server == '' or found.server == server) then
    all[#all + 1] = shown(id, found)
  end
  if #all == limit then
    if at == #places and not floor then order, id = '', '' end
    return {order, id, all, held}
  end
end
if floor then return {string.format('%.0f', floor), floorId, all, held} end
return {'', '', all, held}`);
