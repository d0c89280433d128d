-- clock: put in front of the scripts that look at the time.

-- The store's clock in microseconds: nodes' clocks differ, this one does not.
local function microseconds()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- The same in milliseconds.
local function now()
  return math.floor(microseconds() / 1000)
end
