-- loop.jit.lua — loop.lua with LuaJIT's bit library.
local band, bxor, rshift, tobit = bit.band, bit.bxor, bit.rshift, bit.tobit
local x, acc = 1, 0
for _ = 1, tonumber(arg[1]) do
  x = (x * 1664525 + 1013904223) % 4294967296
  if band(x, 65536) ~= 0 then acc = tobit(acc + rshift(x, 8)) else acc = bxor(acc, x) end
end
print(acc)
