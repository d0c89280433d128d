-- read: a page of what waits for a user.
--
-- KEYS: session, queue of the user
-- ARGV: session id, user, epoch, first seq wanted, most messages, most bytes (but at least one message)
-- Returns { 'ok', seq of the first body, last seq given, body … } or { refusal }. Cost: O(first seq - acknowledged + messages).
local session, queue = KEYS[1], KEYS[2]
local id, user, epoch, from, most, most_bytes = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local v = redis.call('HMGET', session, 'id', 'epoch:' .. user, 'seq:' .. user, 'ack:' .. user)
local refused = refusal(v[1], v[2], id, epoch)
if refused then return { refused } end

local seq, acknowledged = tonumber(v[3] or '0'), tonumber(v[4] or '0')
if redis.call('LLEN', queue) ~= seq - acknowledged then return { 'went_back' } end
if from <= acknowledged then from = acknowledged + 1 end

local reply, bytes, index = { 'ok', digits(from), digits(seq) }, 0, from - acknowledged - 1

-- Eight at a time: a page of the largest messages must not copy sixteen times what it returns.
while #reply - 3 < most do
  local bodies = redis.call('LRANGE', queue, digits(index), digits(index + 7))
  for i = 1, #bodies do
    bytes = bytes + #bodies[i]
    if #reply > 3 and bytes > most_bytes or #reply - 3 >= most then return reply end
    reply[#reply + 1] = bodies[i]
  end
  if #bodies < 8 then break end
  index = index + 8
end

return reply
