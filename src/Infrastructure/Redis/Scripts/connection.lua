-- connection: put in front of every script of a connection; it runs nothing itself, and holds only what nearly all need: what
-- it defines is made anew with every call.
--
-- The fence: a connection names its session and its epoch with every call. A call that arrives late, from an older
-- session or a connection that was taken over, must change nothing; one from a later time than the store remembers
-- means that the store went back.

-- Why this connection may do nothing, or nil.
local function refusal(present_id, present_epoch, id, epoch)
  if not present_id then return 'lost' end
  if present_id ~= id then return 'ended' end
  local present, own = tonumber(present_epoch or '0'), tonumber(epoch)
  if present > own then return 'taken_over' end
  if present < own then return 'went_back' end
  return nil
end

-- Integers up to 2^53-1 as digits: the plain conversion writes large ones with an exponent.
local function digits(number)
  return string.format('%d', number)
end

-- Renewed together: a queue must not expire under a live session.
local function renew(life, session, queue, other_queue)
  redis.call('PEXPIRE', session, life)
  redis.call('PEXPIRE', queue, life)
  redis.call('PEXPIRE', other_queue, life)
end
