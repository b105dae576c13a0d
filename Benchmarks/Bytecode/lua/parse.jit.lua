-- parse.jit.lua — parse.lua with LuaJIT's bit library.
local pattern = '{"name": "nova core", "vals": [1, 23.5, -456, 7e3, true, null], '
  .. '"s": "a\\"b\\n", "o": {"k": false}}, '
local buf, size, B = {}, 32768, string.byte
for i = 0, size - 1 do buf[i] = B(pattern, i % #pattern + 1) end
local VALUE, STRING, ESCAPE, NUMBER, WORD = 0, 1, 2, 3, 4
local tokens, depth, hash = 0, 0, 0
local bxor = bit.bxor
local function value(c)
  if c == 123 or c == 91 then
    depth = depth + 1
    tokens = tokens + 1
  elseif c == 125 or c == 93 then
    depth = depth - 1
    tokens = tokens + 1
  elseif c == 44 or c == 58 then
    tokens = tokens + 1
  elseif c == 32 or c == 10 or c == 9 then
    return VALUE
  elseif c == 34 then
    tokens = tokens + 1
    return STRING
  elseif c == 45 or c >= 48 and c <= 57 then
    tokens = tokens + 1
    hash = (hash * 10 + c - 48) % 4294967296
    return NUMBER
  else
    tokens = tokens + 1
    hash = bxor(hash, c) % 4294967296
    return WORD
  end
  return VALUE
end
for _ = 1, tonumber(arg[1]) do
  local state = VALUE
  for i = 0, size - 1 do
    local c = buf[i]
    if state == VALUE then
      state = value(c)
    elseif state == STRING then
      if c == 92 then state = ESCAPE
      elseif c == 34 then state = VALUE
      else hash = (hash * 31 + c) % 4294967296 end
    elseif state == ESCAPE then
      hash = (hash * 33 + c) % 4294967296
      state = STRING
    elseif state == NUMBER then
      if c >= 48 and c <= 57 or c == 46 or c == 101 or c == 45 or c == 43 then
        hash = (hash * 10 + c - 48) % 4294967296
      else
        state = value(c)
      end
    elseif c >= 97 and c <= 122 then
      hash = (hash * 7 + c) % 4294967296
    else
      state = value(c)
    end
  end
end
print(bxor(tokens, hash, depth))
