-- touch: the sweep's call, for several connections at once. Renews their sessions' lives and their own presence, and says how
-- far the sessions have come, so that the node sees what no publication told it.
--
-- KEYS: per connection session, queue of the user, queue of the peer, handshake
-- ARGV: life of a session and of the presence (ms); then per connection session id, user, epoch, peer
-- Returns per connection a text: 'ok progress …' (see progress.lua) with spaces, or its refusal. What one is refused does not
-- concern the others. Cost: O(connections); the second of a pair costs little.
local life, time = ARGV[1], now()
local present_until = digits(time + tonumber(ARGV[2]))
local read_sessions = {}

local function touch(session, queue, peer_queue, handshake, id, user, epoch, peer)
  local read = read_sessions[session]
  if not read then
    read = read_session(session, handshake, user, peer)
    read_sessions[session] = read
  end

  local mine, theirs = read[user], read[peer]
  local refused = refusal(read.id, mine.epoch, id, epoch)
  if refused then return refused end

  -- Detached: a touch that comes after the goodbye must not bring its user back.
  if mine.present == '0' then return 'taken_over' end

  redis.call('HSET', session, 'until:' .. user, present_until)
  mine.present = present_until

  -- Together; but where all was acknowledged there is no queue.
  if not read.is_renewed then
    redis.call('PEXPIRE', session, life)
    if mine.seq ~= mine.ack then redis.call('PEXPIRE', queue, life) end
    if theirs.seq ~= theirs.ack then redis.call('PEXPIRE', peer_queue, life) end
    read.is_renewed = true
  end

  return progress(read, user, peer, time)
end

local replies = {}
for i = 1, #KEYS / 4 do
  local k, a = 4 * i, 4 * i + 2
  replies[i] = touch(KEYS[k - 3], KEYS[k - 2], KEYS[k - 1], KEYS[k], ARGV[a - 3], ARGV[a - 2], ARGV[a - 1], ARGV[a])
end

return replies
