-- enqueue: stores messages of one connection for the peer, in order, and publishes them together.
--
-- KEYS: session, queue of the recipient, queue of the sender
-- ARGV: session id, sender, epoch, recipient, life of the session (ms), most messages and most bytes that may wait,
--       publishing command, channel of the recipient; then per message its id ('0': the sender keeps none) and its body
-- Returns { 'stored', seq of the first } when all are stored, one after the other; else { 'ok', outcome, number, outcome,
-- number … } with, per message, 'stored' seq | 'duplicate' seq | 'gap' expected id | 'full' 0 | 'mixed' 0; or { refusal }.
-- Cost: O(messages of the call).
local session, queue, sender_queue = KEYS[1], KEYS[2], KEYS[3]
local id, sender, epoch, recipient, life = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local most_messages, most_bytes, publish, channel = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], ARGV[9]

local v = redis.call('HMGET', session, 'id', 'epoch:' .. sender, 'seq:' .. recipient, 'ack:' .. recipient,
  'bytes:' .. recipient, 'id:' .. sender)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

local seq, acknowledged = tonumber(v[3] or '0'), tonumber(v[4] or '0')
local bytes, last_id = tonumber(v[5] or '0'), tonumber(v[6] or '0')
local first, bodies, lengths, reply = seq + 1, {}, {}, { 'ok' }

local function outcome(name, number)
  reply[#reply + 1] = name
  reply[#reply + 1] = digits(number)
end

for i = 10, #ARGV, 2 do
  local message_id, body = tonumber(ARGV[i]), ARGV[i + 1]
  if message_id == 0 and last_id > 0 or message_id > 0 and last_id == 0 and seq > 0 then
    outcome('mixed', 0)
  elseif message_id > 0 and message_id <= last_id then
    outcome('duplicate', message_id) -- with ids, seq and id are the same number
  elseif message_id > last_id + 1 then
    outcome('gap', last_id + 1)
  elseif seq - acknowledged >= most_messages or bytes + #body > most_bytes then
    outcome('full', 0)
  else
    seq, bytes = seq + 1, bytes + #body
    if message_id > 0 then last_id = message_id end
    bodies[#bodies + 1], lengths[#lengths + 1] = body, #body
    outcome('stored', seq)
  end
end

if #bodies > 0 then
  -- A queue that is not as long as the session says has lost messages with part of the store. What was added to it is never
  -- given: the session ends.
  local length = redis.call('RPUSH', queue, unpack(bodies))
  if length ~= seq - acknowledged then
    redis.call('PEXPIRE', queue, life)
    return { 'went_back' }
  end

  redis.call('HSET', session, 'seq:' .. recipient, digits(seq), 'bytes:' .. recipient, digits(bytes), 'id:' .. sender, digits(last_id))

  -- Once a second is enough for a life of a minute and more; a list that is new has none yet.
  if redis.call('PTTL', session) < tonumber(life) - 1000 then
    renew(life, session, queue, sender_queue)
  elseif length == #bodies then
    redis.call('PEXPIRE', queue, life)
  end

  redis.call(publish, channel,
    'm ' .. id .. ' ' .. digits(first) .. ' ' .. table.concat(lengths, ',') .. '\n' .. table.concat(bodies))
end

if #bodies == (#ARGV - 9) / 2 then return { 'stored', digits(first) } end
return reply
