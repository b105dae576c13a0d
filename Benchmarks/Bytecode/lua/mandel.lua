-- mandel.lua — the Mandelbrot set, n by n points, 50 iterations.
local n, count = tonumber(arg[1]), 0
for y = 0, n - 1 do
  for x = 0, n - 1 do
    local ci, cr, zr, zi, k = 2.0 * y / n - 1.0, 2.0 * x / n - 1.5, 0.0, 0.0, 0
    while k < 50 do
      local r2, i2 = zr * zr, zi * zi
      if r2 + i2 > 4.0 then break end
      zi = 2.0 * zr * zi + ci
      zr = r2 - i2 + cr
      k = k + 1
    end
    count = count + k
  end
end
print(count)
