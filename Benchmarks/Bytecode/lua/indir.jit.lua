-- indir.jit.lua — indir.lua with LuaJIT's bit library.
local band, bxor, lshift, arshift, tobit = bit.band, bit.bxor, bit.lshift, bit.arshift, bit.tobit
local t = {
  [0] = function(a, b) return tobit(a + b) end,
  function(a, b) return bxor(a, lshift(b, 1)) end,
  function(a, b) return tobit(a * 3 - b) end,
  function(a, b) return tobit(arshift(a, 1) + b) end,
}
local a, b = 1, 2
for i = 0, tonumber(arg[1]) - 1 do
  local r = t[band(bxor(a, i), 3)](a, b)
  b = a
  a = tobit(r + i)
end
print(a)
