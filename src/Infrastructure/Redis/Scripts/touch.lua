-- touch: the sweep's call, for several connections at once. Renews their sessions' lives and their own presence, and says how
-- far the sessions have come, so that the node sees what no publication told it.
--
-- KEYS: per connection session, queue of the user, queue of the peer, handshake
-- ARGV: life of a session and of the presence (ms); then per connection session id, user, epoch, peer
-- Returns per connection a text: 'ok progress …' (see progress.lua) with spaces, or its refusal. What one is refused does not
-- concern the others. Cost: O(connections).
local life, time = ARGV[1], now()
local present_until = digits(time + tonumber(ARGV[2]))

local function touch(session, queue, peer_queue, handshake, id, user, epoch, peer)
  local v = redis.call('HMGET', session, 'id', 'epoch:' .. user, 'until:' .. user)
  local refused = refusal(v[1], v[2], id, epoch)
  if refused then return refused end

  -- Detached: a touch that comes after the goodbye must not bring its user back.
  if v[3] == '0' then return 'taken_over' end

  redis.call('HSET', session, 'until:' .. user, present_until)
  local reply = progress(session, handshake, user, peer, time)

  -- Together; but where all was acknowledged there is no queue.
  redis.call('PEXPIRE', session, life)
  if reply[2] ~= reply[3] then redis.call('PEXPIRE', queue, life) end
  if reply[5] ~= reply[6] then redis.call('PEXPIRE', peer_queue, life) end
  return table.concat(reply, ' ')
end

local replies = {}
for i = 1, #KEYS / 4 do
  local k, a = 4 * i, 4 * i + 2
  replies[i] = touch(KEYS[k - 3], KEYS[k - 2], KEYS[k - 1], KEYS[k], ARGV[a - 3], ARGV[a - 2], ARGV[a - 1], ARGV[a])
end

return replies
