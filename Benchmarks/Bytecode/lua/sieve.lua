-- sieve.lua — the primes below 65,536, n times.
local n, size, count, flags = tonumber(arg[1]), 65536, 0, {}
for _ = 1, n do
  count = 0
  for i = 0, size - 1 do flags[i] = 1 end
  for i = 2, size - 1 do
    if flags[i] ~= 0 then
      for k = i + i, size - 1, i do flags[k] = 0 end
      count = count + 1
    end
  end
end
print(count)
