-- matmul.lua — product of two matrices of 120 by 120 doubles, n times.
local n, N, A, B, C = tonumber(arg[1]), 120, {}, {}, {}
for i = 0, N - 1 do
  A[i], B[i], C[i] = {}, {}, {}
  for j = 0, N - 1 do
    A[i][j] = i * 0.5 + j
    B[i][j] = i - j * 0.25
  end
end
local s = 0.0
for it = 0, n - 1 do
  for i = 0, N - 1 do
    local Ai, Ci = A[i], C[i]
    for j = 0, N - 1 do
      local t = 0.0
      for k = 0, N - 1 do t = t + Ai[k] * B[k][j] end
      Ci[j] = t
    end
  end
  s = s + C[it % N][it * 7 % N]
end
print(string.format("%d", s - s % 1))
