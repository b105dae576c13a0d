-- indir.lua — n calls through a table of four functions; Lua 5.4.
local function wrap(v)
  v = v & 0xffffffff
  return v >= 0x80000000 and v - 0x100000000 or v
end
local t = {
  [0] = function(a, b) return wrap(a + b) end,
  function(a, b) return wrap(a ~ (b << 1)) end,
  function(a, b) return wrap(a * 3 - b) end,
  function(a, b) return wrap((a // 2) + b) end,
}
local a, b = 1, 2
for i = 0, tonumber(arg[1]) - 1 do
  local r = t[(a ~ i) & 3](a, b)
  b = a
  a = wrap(r + i)
end
print(a)
