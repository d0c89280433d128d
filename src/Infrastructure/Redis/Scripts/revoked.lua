-- revoked: until when the tokens of some users are revoked.
--
-- KEYS: the users' revocations
-- Returns one text per user: ms since 1970, or '' where nothing is revoked. Cost: O(users).
local found = {}
for i = 1, #KEYS do found[i] = redis.call('GET', KEYS[i]) or '' end
return found
