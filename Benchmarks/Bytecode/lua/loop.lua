-- loop.lua — n steps of a linear congruential generator with one unpredictable branch; Lua 5.4.
local x, acc = 1, 0
for _ = 1, tonumber(arg[1]) do
  x = (x * 1664525 + 1013904223) & 0xffffffff
  if x >> 16 & 1 ~= 0 then acc = (acc + (x >> 8)) & 0xffffffff else acc = acc ~ x end
end
print(acc >= 0x80000000 and acc - 0x100000000 or acc)
